//! A listener that slow, idle or hostile clients cannot hold.
