"""Pathways as published: from a folder of diagrams, tables, forms and letters to one release under its hash."""

from engine.authorities.parameters import Parameter, ParameterRefused
from engine.pathways.folder import (
    find_releases,
    look_for_releases,
    loose_diagrams,
    pathways_in,
    read_folder,
    read_release,
)
from engine.pathways.manifest import BUILT_IN_JOBS, BY_TASK, MERGED
from engine.pathways.release import Release, content_hash, release_from_files

__all__ = [
    "BUILT_IN_JOBS",
    "BY_TASK",
    "MERGED",
    "Parameter",
    "ParameterRefused",
    "Release",
    "content_hash",
    "find_releases",
    "look_for_releases",
    "loose_diagrams",
    "pathways_in",
    "read_folder",
    "read_release",
    "release_from_files",
]
