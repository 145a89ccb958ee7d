"""The bytes that are for ever: each value here was computed once and must never come out otherwise."""

from __future__ import annotations

import pytest
import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from engine.store import MasterKey, SigningKey, Undecipherable
from engine.store.chain import genesis, link, reading_link, readings_genesis
from engine.store.checkpoints import Checkpoint, Head, first_previous, root_from_proof, tree_proof, tree_root
from engine.store.key_files import master_key_id
from engine.store.sealing import expand, framed, pack, squeeze
from engine.store.vault import PAYLOAD, BlindIndex, CaseKey, Vault, words

KEY = bytes(range(32))
AT = "2026-03-02T09:00:00.000000Z"
CASE = ("camden", "CAM-1")


def test_the_row_before_the_first_binds_authority_and_case() -> None:
    """No history can be passed off as another case's."""
    assert genesis(*CASE).hex() == "36eb711fe2120458cae4fbc4314617565524cda077030aaf4c5dc3ce2a02ba15"
    assert len({genesis(*CASE), genesis("camde", "nCAM-1"), genesis("sussex", "CAM-1"), readings_genesis(*CASE)}) == 4


def test_a_rows_hash_is_what_it_always_was() -> None:
    """A released encoding never changes: a new one gets a new format byte."""
    key = CaseKey(KEY, *CASE)
    commitment, state = key.commitment(b"plain"), key.state_hash(b"state")

    hashed = link(genesis(*CASE), *CASE, 1, "cmd-1", AT, "open_case", "amira", None, "sha256:s", commitment, state)

    assert commitment.hex() == "350785a6d07753b86fc7fc04a600ea68842e68f97d453433b44c50ed01792f41"
    assert state.hex() == "67d20079a61b71328ad210bd1ac200b5c1dca0461f73a84e156465eb452fcd8f"
    assert hashed.hex() == "856aaa81a3e33416450c97071a0626a6d987fdf4e6097a7c72338011b6f45122"


def test_a_readings_hash_is_what_it_always_was() -> None:
    """The record of who looked is as lasting as the history."""
    hashed = reading_link(readings_genesis(*CASE), *CASE, 1, AT, "amira", "chair", "case")

    assert hashed.hex() == "c90cc1414fb1ca277b68293486eda5e3974415e558d9d8a75b4344feb085d8f8"


def test_what_was_sealed_in_the_first_format_still_opens() -> None:
    """Payloads and wrapped keys of every year stay readable."""
    sealed = bytes.fromhex("010000000000000000000000003e2d49815a81865e2a8d065155a60b2455af35722c")
    wrapped = bytes.fromhex(
        "01000000000000000000000000cea6423e49656d690f47cfd8b6fe9317627111d923b33c63c9bbef95691b2b914df522e1a50ce678"
        "83c4e92a074ef994"
    )

    master = MasterKey(bytes(32))
    assert master.id == master_key_id(bytes(32)) == "5a207f6490d8"
    assert master.unwrap(master.id, wrapped, *CASE) == KEY
    assert CaseKey(KEY, *CASE).open(PAYLOAD, 1, sealed) == b"plain"


def test_a_blind_index_gives_the_tokens_it_always_gave() -> None:
    """Cases stay findable after an upgrade."""
    index = BlindIndex(bytes(32))

    assert index.token("name", "sam").hex() == "b089dd925932e4cba329b4d0cc4dd5fb"
    assert index.tokens("name", "Sam SAM") == {index.token("name", "sam")}


def test_a_checkpoint_signs_what_it_always_signed() -> None:
    """Signatures of every year can be checked."""
    head = Head("history", "CAM-1", 1, b"h" * 32)
    key = SigningKey(b"s" * 32)
    unsigned = Checkpoint(
        "camden", 1, AT, first_previous("camden"), 1, 1, 1, tree_root([head.leaf()]), key.signer, b"", b""
    )

    hashed = unsigned.expected_hash()

    assert head.leaf().hex() == "2c073966305d7290a4689069c3d16b01499a1bc0ed4dd5f10b4afdc4536b4ac1"
    assert key.signer == "fec1428673f6afe89264b3807344ae8b269d125a503855202687db5a7128579f"
    assert hashed.hex() == "0bfbda83106a46b57c8ffb8efc72ed7db04d22ed4ca5cb3ff6e801f44e214a05"
    assert key.sign(hashed).hex() == (
        "a71746c7b371b69c5669373cfe47878cfd77106cebd32c15afc7106c9726c331"
        "99f0fdb0350658e2b86488cc656ecd30427782b3d899f67612e3894034639e01"
    )


@given(st.lists(st.none() | st.text(max_size=9) | st.binary(max_size=9), max_size=6), st.data())
def test_no_two_lists_of_fields_have_the_same_bytes(fields: list[str | bytes | None], data: st.DataObject) -> None:
    """The encoding says where a field ends: moving a byte from one field to the next changes it."""
    other = data.draw(st.lists(st.none() | st.text(max_size=9) | st.binary(max_size=9), max_size=6))

    def plain(some: list[str | bytes | None]) -> list[bytes | None]:
        return [one.encode() if isinstance(one, str) else one for one in some]

    assert (framed(*fields) == framed(*other)) == (plain(fields) == plain(other))


@given(st.binary(max_size=2000))
def test_what_is_squeezed_expands_to_itself(plain: bytes) -> None:
    """Compression loses nothing, whatever the bytes."""
    assert expand(squeeze(plain)) == plain


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 511, 512, 1500, 2047, 2048, 2049, 5000])
def test_what_is_packed_is_a_frame_that_any_reader_of_zstd_reads(size: int) -> None:
    """What is short lies in its frame as it is, what is long is compressed, and both are frames (RFC 8878)."""
    plain = b"".join(bytes([n * n % 251]) for n in range(size))
    packed = pack(plain)
    assert expand(packed) == zstandard.ZstdDecompressor().decompress(packed) == plain
    assert zstandard.get_frame_parameters(packed).content_size == size


@given(st.integers(1, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_a_place_in_a_checkpoint_can_be_shown_alone(place: tuple[int, int]) -> None:
    """A leaf and its proof give the root; another leaf or a wrong proof does not (RFC 6962, section 2.1.1)."""
    size, index = place
    leaves = [bytes([n]) * 32 for n in range(size)]
    proof = tree_proof(leaves, index)

    assert root_from_proof(leaves[index], index, size, proof) == tree_root(leaves)
    assert root_from_proof(b"x" * 32, index, size, proof) != tree_root(leaves)
    assert root_from_proof(leaves[index], index, size, [*proof, b"y" * 32]) != tree_root(leaves)
    assert root_from_proof(leaves[index], index, size, proof[1:]) != tree_root(leaves) or size == 1


def test_an_empty_tree_has_a_root_of_its_own() -> None:
    """Nothing at all is not the same as something."""
    assert tree_root([]) not in {tree_root([b"a" * 32]), b""}


@pytest.mark.parametrize(
    ("what", "revision", "authority", "case_id"),
    [
        (b"snapshot", 1, "camden", "CAM-1"),
        (b"payload", 2, "camden", "CAM-1"),
        (b"payload", 1, "sussex", "CAM-1"),
        (b"payload", 1, "camden", "CAM-2"),
    ],
)
def test_a_sealed_value_opens_only_in_its_own_place(what: bytes, revision: int, authority: str, case_id: str) -> None:
    """Nothing sealed can be moved: kind, revision, authority and case are bound to it, even under one key."""
    sealed = CaseKey(KEY, *CASE).seal(PAYLOAD, 1, b"plain")

    with pytest.raises(Undecipherable):
        CaseKey(KEY, authority, case_id).open(what, revision, sealed)


def test_two_seals_of_the_same_value_differ() -> None:
    """A nonce is never used twice, so equal answers cannot be recognised."""
    key = CaseKey(KEY, *CASE)

    assert key.seal(PAYLOAD, 1, b"plain") != key.seal(PAYLOAD, 1, b"plain")


def test_sealing_and_committing_use_keys_of_their_own() -> None:
    """No derived key is the child's key or another derived key."""
    key = CaseKey(KEY, *CASE)
    sealed = key.seal(PAYLOAD, 1, b"plain")

    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(sealed[1:13], sealed[13:], b"payload 1 " + key.place)
    assert key.commitment(b"x") != key.state_hash(b"x")


def test_the_vault_forgets_the_keys_it_used_longest_ago() -> None:
    """Memory is bounded however many children there are."""
    vault = Vault(MasterKey(KEY), keep=3)
    for n in range(9):
        wrapped, _ = vault.new("camden", f"CAM-{n}")
        key = vault.open("camden", f"CAM-{n}", vault.master.id, wrapped)
        assert vault.open("camden", f"CAM-{n}", vault.master.id, wrapped) is key

    assert len(vault._open) == 3


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Zoë  O'Brien-Smith", ["zoe", "obrien-smith"]),
        ("  ", []),
        ("ŁUKASZ/Nowak", ["łukasz", "nowak"]),
        ("Straße", ["strasse"]),
        ("2015-04-03", ["2015-04-03"]),
        ("李小龙", ["李小龙"]),
    ],
)
def test_words_are_folded_as_people_search_for_them(text: str, wanted: list[str]) -> None:
    """Case, accents and apostrophes do not hide a name."""
    assert words(text) == wanted


def test_a_master_key_has_the_right_length() -> None:
    """A short key is refused before it wraps anything."""
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        MasterKey()
