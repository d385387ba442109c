//! Vietnamese text, numbers and dates as people write and search them.
