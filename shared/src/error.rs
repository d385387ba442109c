//! One error type for handlers: a page for people, a problem document for programs.
