"""A demonstration set up from nothing: made-up people in every role, and cases that stand where real ones would."""
