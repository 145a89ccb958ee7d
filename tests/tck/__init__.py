"""The DMN Technology Compatibility Kit: an adapter to our engine, and a runner over a folder of the kit."""
