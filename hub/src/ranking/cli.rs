//! Commands about the scheme of ranking.

use super::scheme::Scheme;
use super::version;
use crate::relay::Relay;
use anyhow::Context;
use clap::{Args, Subcommand};
use shared::audit::Actor;
use shared::cli::{self, Place};
use shared::clock::from_millis;
use shared::error::Error;
use shared::folder::Folder;
use shared::portal;
use shared::site::Site;
use shared::vietnamese;
use std::path::PathBuf;
use std::sync::Arc;

/// Bộ chỉ số chấm điểm, xếp hạng
#[derive(Debug, Subcommand)]
pub enum RankingCommand {
    /// In bộ chỉ số đi kèm phần mềm, để chép ra sửa
    Default,
    /// Liệt kê các bộ chỉ số đã nạp
    List(Place),
    /// Nạp một bộ chỉ số mới từ tệp; kỳ mở từ nay dùng bộ này, kỳ cũ giữ bộ cũ
    Add(Add),
}

/// Tệp nào
#[derive(Args, Debug)]
pub struct Add {
    #[command(flatten)]
    place: Place,
    /// Tệp TOML
    file: PathBuf,
}

impl RankingCommand {
    /// Does what was asked.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Default => {
                let (_, text) = Scheme::built_in().map_err(|error| anyhow::anyhow!(error))?;
                print!("{text}");
                Ok(())
            }
            Self::List(place) => list(&*open(&place).await?).await,
            Self::Add(add) => add.run().await,
        }
    }
}

async fn open(place: &Place) -> anyhow::Result<Arc<Site>> {
    let folder = Folder::at(&place.dir);
    let (site, _) = portal::open::<migrations::HubSchema>(&folder, Arc::new(Relay)).await?;
    Ok(site)
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(&self.file)
            .with_context(|| format!("không đọc được tệp {}", self.file.display()))?;
        let site = open(&self.place).await?;
        let now = site.clock.now().timestamp_millis();
        let added = site.db.write(move |tx| {
            Box::pin(async move {
                version::add(tx, &text, "Dòng lệnh", &Actor::CommandLine, now).await
            })
        });
        match added.await {
            Ok(scheme) => {
                println!("Đã nạp bộ chỉ số {}: {}.", scheme.version, scheme.name);
                println!("Kỳ mở từ nay dùng bộ này; kỳ đã mở giữ bộ cũ.");
                Ok(())
            }
            Err(Error::Invalid(errors)) => {
                let words: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                anyhow::bail!("{}", words.join("; "))
            }
            Err(error) => Err(error.into()),
        }
    }
}

async fn list(site: &Site) -> anyhow::Result<()> {
    let versions = version::all(site.db.reader()).await?;
    if versions.is_empty() {
        println!("Chưa nạp bộ nào; kỳ mở bây giờ dùng bộ đi kèm phần mềm.");
        return Ok(());
    }
    let rows: Vec<Vec<String>> = versions
        .into_iter()
        .map(|one| {
            let when = vietnamese::date_time(from_millis(one.added_at));
            vec![one.version, one.name, one.added_by, when]
        })
        .collect();
    print!(
        "{}",
        cli::table(&["Số hiệu", "Tên", "Người nạp", "Lúc"], &rows)
    );
    Ok(())
}
