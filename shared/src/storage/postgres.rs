use anyhow::ensure;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Refuses to run on a server that acknowledges what is not on its disk.
pub(super) async fn assert_settings(connection: &DatabaseConnection) -> anyhow::Result<()> {
    for setting in ["fsync", "full_page_writes"] {
        let value = show(connection, setting).await?;
        ensure!(
            value == "on",
            "PostgreSQL đặt {setting} = {value}: mất điện có thể làm mất dữ liệu đã ghi; hãy đặt lại on"
        );
    }
    let commits = show(connection, "synchronous_commit").await?;
    ensure!(
        commits != "off",
        "PostgreSQL đặt synchronous_commit = off: giao dịch được báo là xong khi chưa nằm trên đĩa; hãy đặt lại on"
    );
    Ok(())
}

async fn show(connection: &DatabaseConnection, setting: &str) -> anyhow::Result<String> {
    let question = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT current_setting($1)",
        [setting.into()],
    );
    let row = connection.query_one_raw(question).await?;
    let row = row.ok_or_else(|| anyhow::anyhow!("PostgreSQL không cho biết {setting}"))?;
    Ok(row.try_get_by_index(0)?)
}
