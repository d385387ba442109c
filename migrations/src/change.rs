use sea_orm_migration::prelude::*;

/// One thing a [`Change`] does to the schema.
#[derive(Debug)]
pub enum Part {
    /// A new table.
    Table(Box<TableCreateStatement>),
    /// New columns of a table that is there; empty or with a default in the rows it has.
    Columns(&'static str, Vec<ColumnDef>),
    /// A new index.
    Index(Box<IndexCreateStatement>),
    /// What the two databases say differently, such as full-text search.
    Own {
        /// Statements for SQLite.
        sqlite: &'static [&'static str],
        /// Statements for PostgreSQL.
        postgres: &'static [&'static str],
    },
    /// The same for each of several tables, whose name stands for `{table}`.
    Each {
        /// The tables.
        tables: &'static [&'static str],
        /// Statements for SQLite.
        sqlite: &'static [&'static str],
        /// Statements for PostgreSQL.
        postgres: &'static [&'static str],
    },
}

impl From<TableCreateStatement> for Part {
    fn from(statement: TableCreateStatement) -> Self {
        Self::Table(Box::new(statement))
    }
}

impl From<IndexCreateStatement> for Part {
    fn from(statement: IndexCreateStatement) -> Self {
        Self::Index(Box::new(statement))
    }
}

/// One step of the schema: applied whole or not at all.
#[derive(Debug)]
pub struct Change {
    /// Its name in the database's list of applied changes; never altered once released.
    pub name: &'static str,
    /// What it does, in order.
    pub parts: Vec<Part>,
}

impl MigrationName for Change {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Change {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for part in &self.parts {
            match part {
                Part::Table(table) => manager.create_table((**table).clone()).await?,
                Part::Columns(table, columns) => {
                    // SQLite takes one column a statement.
                    for column in columns {
                        let mut alter = Table::alter();
                        alter.table(*table).add_column(column.clone());
                        manager.alter_table(alter.take()).await?;
                    }
                }
                Part::Index(index) => manager.create_index((**index).clone()).await?,
                Part::Own { sqlite, postgres } => {
                    for statement in own(manager, sqlite, postgres) {
                        execute(manager, statement).await?;
                    }
                }
                Part::Each {
                    tables,
                    sqlite,
                    postgres,
                } => {
                    for table in *tables {
                        for statement in own(manager, sqlite, postgres) {
                            execute(manager, &statement.replace("{table}", table)).await?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// What this database is told.
fn own<'a>(
    manager: &SchemaManager,
    sqlite: &'a [&'static str],
    postgres: &'a [&'static str],
) -> &'a [&'static str] {
    match manager.get_database_backend() {
        sea_orm::DbBackend::Sqlite => sqlite,
        _ => postgres,
    }
}

async fn execute(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    connection.execute_unprepared(statement).await?;
    Ok(())
}

/// A table with the given columns.
pub(crate) fn table<const N: usize>(name: &'static str, columns: [ColumnDef; N]) -> Part {
    let mut create = Table::create();
    create.table(name);
    for column in columns {
        create.col(column);
    }
    Part::Table(Box::new(create.take()))
}

/// A table whose primary key spans several columns.
pub(crate) fn table_keyed<const N: usize, const K: usize>(
    name: &'static str,
    columns: [ColumnDef; N],
    key: [&'static str; K],
) -> Part {
    let mut create = Table::create();
    create.table(name);
    for column in columns {
        create.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(column);
    }
    create.primary_key(&mut primary);
    Part::Table(Box::new(create.take()))
}

/// Columns added to `table`.
pub(crate) fn columns<const N: usize>(table: &'static str, columns: [ColumnDef; N]) -> Part {
    Part::Columns(table, columns.into())
}

/// An index; its name is made of the table and its columns.
pub(crate) fn index<const N: usize>(table: &'static str, columns: [&'static str; N]) -> Part {
    Part::Index(Box::new(named(table, columns).take()))
}

/// An index that also keeps its columns unique.
pub(crate) fn unique<const N: usize>(table: &'static str, columns: [&'static str; N]) -> Part {
    Part::Index(Box::new(named(table, columns).unique().take()))
}

fn named<const N: usize>(table: &'static str, columns: [&'static str; N]) -> IndexCreateStatement {
    let mut create = Index::create();
    create
        .name(format!("{table}_by_{}", columns.join("_")))
        .table(table);
    for column in columns {
        create.col(column);
    }
    create
}
