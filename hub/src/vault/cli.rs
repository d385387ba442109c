//! `hub vault …`: the vaults from the command line.

use super::record;
use super::store::Store;
use anyhow::Context;
use clap::{Args, Subcommand};
use shared::audit::{self, Action, Actor, Kind, Subject};
use shared::cli::{self, Place};
use shared::clock::from_millis;
use shared::directory::site_record;
use shared::folder::Folder;
use shared::site::Site;
use shared::vietnamese;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Kho sao lưu của các trang thành viên
#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Liệt kê kho của các trang: dung lượng, lần sao lưu, lần diễn tập
    List(Place),
    /// Đặt hạn mức kho cho một trang
    Quota(Quota),
    /// Đưa mọi thứ một trang đã xóa khỏi kho trong 30 ngày qua trở lại kho
    Undelete(Which),
}

/// Hạn mức
#[derive(Args, Debug)]
pub struct Quota {
    #[command(flatten)]
    place: Place,
    /// Mã của trang, như lệnh members in ra
    site: Uuid,
    /// Số MiB; bỏ trống để dùng hạn mức chung
    #[arg(long)]
    mib: Option<u32>,
}

/// Trang nào
#[derive(Args, Debug)]
pub struct Which {
    #[command(flatten)]
    place: Place,
    /// Mã của trang, như lệnh members in ra
    site: Uuid,
}

impl VaultCommand {
    /// The hub's folder.
    pub fn dir(&self) -> &Path {
        match self {
            Self::List(place) => &place.dir,
            Self::Quota(quota) => &quota.place.dir,
            Self::Undelete(which) => &which.place.dir,
        }
    }

    /// Does what was asked.
    pub async fn run(self, site: &Arc<Site>) -> anyhow::Result<()> {
        let folder = Folder::at(self.dir());
        let store = Store::at(folder.vault(), folder.settings()?.vault);
        match self {
            Self::List(_) => list(site, &store).await,
            Self::Quota(quota) => quota.set(site).await,
            Self::Undelete(which) => {
                let back = store.undelete(which.site)?;
                let subject = Subject::of(Kind::Backup, which.site);
                audit::at_the_machine(site, Action::VaultChanged, subject).await?;
                println!("Đã đưa {back} tệp trở lại kho của trang {}.", which.site);
                println!("Nếu cổng đang chạy, dung lượng hiển thị đúng lại sau lần khởi động tới.");
                Ok(())
            }
        }
    }
}

impl Quota {
    async fn set(self, site: &Arc<Site>) -> anyhow::Result<()> {
        site_record::find(site.db.reader(), self.site)
            .await?
            .with_context(|| format!("không có trang {}", self.site))?;
        let quota = self.mib.map(|mib| i64::from(mib) * 1024 * 1024);
        let (member, now) = (self.site, site.clock.now().timestamp_millis());
        site.db
            .write(move |tx| {
                Box::pin(async move {
                    record::set_quota(tx, member, quota).await?;
                    let subject = Subject::of(Kind::Backup, member);
                    audit::record(tx, &Actor::CommandLine, Action::VaultChanged, subject, now).await
                })
            })
            .await?;
        println!("Đã đặt hạn mức.");
        Ok(())
    }
}

async fn list(site: &Arc<Site>, store: &Store) -> anyhow::Result<()> {
    let now = site.clock.now();
    let known = record::all(site.db.reader()).await?;
    let mut rows = Vec::new();
    for member in site_record::all(site.db.reader()).await? {
        if member.id == site.id || member.is_feed() {
            continue;
        }
        let vault = known.iter().find(|vault| vault.site_id == member.id);
        let report = vault.and_then(record::Model::report);
        let when = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map_or_else(|| "chưa".to_owned(), vietnamese::date_time)
        };
        let used = store.used(member.id)?;
        let quota = vault
            .and_then(|vault| u64::try_from(vault.quota?).ok())
            .unwrap_or_else(|| store.usual_quota());
        let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
        rows.push(vec![
            member.title.clone(),
            format!("{} / {} MiB", mib(used.kept), mib(quota)),
            format!("{} MiB", mib(used.trashed)),
            when(vault.and_then(|vault| vault.snapshot_at).map(from_millis)),
            when(report.as_ref().and_then(|report| report.drill.good_at)),
            match &report {
                None => "chưa báo".to_owned(),
                Some(report) if report.is_red(now) => "CẦN XEM".to_owned(),
                Some(_) => "tốt".to_owned(),
            },
            member.id.to_string(),
        ]);
    }
    let head = [
        "Trang",
        "Kho",
        "Thùng rác",
        "Bản mới nhất",
        "Diễn tập đạt",
        "Tình trạng",
        "Mã trang",
    ];
    print!("{}", cli::table(&head, &rows));
    Ok(())
}
