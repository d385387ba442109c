//! Files of office programs, read for what they say. Nothing in them is ever run, asked or fetched.

pub mod docx;
