//! The database of a site: one writer, several readers, settings asserted at start.
