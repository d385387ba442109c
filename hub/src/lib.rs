//! Liên Cổng: the provincial server.
