//! Liên Cổng: what both servers are made of: records, log, sync, feeds, newsroom, pages.
