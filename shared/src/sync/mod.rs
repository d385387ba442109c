//! How logs travel between sites: batches, cursors, receipts, push and pull.

pub mod message_signature;
