//! The only way out: an HTTP client with limits that never reaches private addresses unasked.
