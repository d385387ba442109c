//! Settings of a server: one commented TOML file plus the environment.
