//! Liên Cổng: the provincial server.

fn main() {}
