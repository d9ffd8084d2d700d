//! Any message in words.
