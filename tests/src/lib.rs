//! Liên Cổng: whole-system tests: real processes, real sockets, real browser.
