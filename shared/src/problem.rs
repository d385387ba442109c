//! RFC 9457 problem documents: the errors a program gets.
