//! Bringing the schema up to date, and never touching one that is ahead of us.

use anyhow::{Context, ensure};
use migrations::MigratorTrait;
use sea_orm::DatabaseConnection;
use std::collections::HashSet;

/// Applies what is missing, each step whole or not at all: a start that was cut off is made good by
/// the next. A database that a later version has changed is left as it is.
pub(super) async fn bring_up_to_date<Schema: MigratorTrait>(
    connection: &DatabaseConnection,
) -> anyhow::Result<()> {
    let applied = Schema::get_migration_models(connection)
        .await
        .context("không đọc được lược đồ cơ sở dữ liệu")?;
    let ours: HashSet<String> = Schema::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let foreign = applied.iter().find(|step| !ours.contains(&step.version));
    ensure!(
        foreign.is_none(),
        "cơ sở dữ liệu đã được một phiên bản mới hơn nâng cấp (bước {}); hãy chạy lại phiên bản đó, \
         hoặc khôi phục bản sao lưu có trước khi nâng cấp. Chưa có gì bị thay đổi.",
        foreign.map_or("", |step| step.version.as_str())
    );
    Schema::up(connection, None)
        .await
        .context("không nâng cấp được lược đồ cơ sở dữ liệu")
}
