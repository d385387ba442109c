//! The only source of time: the machine's clock, or one a test sets.
