//! Liên Cổng: the schema of both servers, for SQLite and PostgreSQL.
