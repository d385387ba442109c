//! Liên Cổng: a demo province with real sample content.

fn main() {}
