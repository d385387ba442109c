//! Where a unit writes, publishes, takes in and sends.
