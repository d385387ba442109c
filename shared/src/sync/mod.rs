//! How logs travel between sites: batches, cursors, receipts, push and pull.
