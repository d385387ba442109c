//! What the public sees of each member, looked at from outside as any reader would.

pub mod record;
