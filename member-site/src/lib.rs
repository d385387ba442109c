//! Liên Cổng: the server of a district, commune or department.
