//! `export` and `import` on the command line.

use super::export::{self, Subject as Exported};
use super::import;
use crate::audit::{self, Action, Kind, Subject};
use crate::cli::Place;
use crate::site::Site;
use crate::vietnamese;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;

/// Where a site is to be written to.
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows the docs of Place")]
    pub place: Place,
    /// Tệp ZIP sẽ tạo
    #[arg(long, value_name = "TỆP")]
    pub to: PathBuf,
    /// Kèm cả bài chưa đăng; hãy giữ tệp này riêng
    #[arg(long)]
    pub with_unpublished: bool,
}

/// What is to be taken in.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap shows the docs of Place")]
    pub place: Place,
    /// Tệp ZIP do lệnh export tạo
    #[arg(long, value_name = "TỆP")]
    pub from: PathBuf,
    /// Chỉ kiểm tra và cho biết sẽ làm gì
    #[arg(long)]
    pub dry_run: bool,
}

fn bar() -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {eta}")?;
    Ok(ProgressBar::new(0).with_style(style))
}

impl ExportArgs {
    /// Writes `subject`, as `site` holds it.
    pub async fn run(self, site: &Site, subject: Exported) -> anyhow::Result<()> {
        let bar = bar()?;
        let written = export::export(site, subject, &self.to, self.with_unpublished, &bar).await?;
        let what = Subject::of(Kind::Archive, written.site);
        audit::at_the_machine(site, Action::ArchiveExported, what).await?;
        let counts = written.counts;
        println!("Đã xuất {} vào {}", written.title, self.to.display());
        println!(
            "{} bài đang đăng, {} bài đã gỡ, {} sự kiện, {} ảnh và tệp ({}).",
            counts.entries,
            counts.withdrawn,
            counts.events,
            counts.media,
            vietnamese::bytes(counts.media_bytes)
        );
        if counts.media_missing > 0 {
            println!(
                "Thiếu {} ảnh, tệp chưa tải về được; gói ghi rõ ở media.json.",
                counts.media_missing
            );
        }
        if written.has_unpublished {
            println!(
                "Trong gói có {} bài chưa đăng: hãy giữ riêng.",
                counts.drafts
            );
        }
        Ok(())
    }
}

impl ImportArgs {
    /// Takes the archive into `site`.
    pub async fn run(self, site: &Arc<Site>) -> anyhow::Result<()> {
        let bar = bar()?;
        let folder = &self.place.dir;
        let (manifest, report) =
            import::import(site, folder, &self.from, self.dry_run, &bar).await?;
        if !self.dry_run {
            let from = Subject::of(Kind::Site, manifest.site);
            audit::at_the_machine(site, Action::ArchiveImported, from).await?;
        }
        println!("{} ({})", manifest.title, manifest.base_url);
        for line in report.in_words(self.dry_run) {
            println!("{line}");
        }
        if !self.dry_run {
            let kept = folder.join("imported").join(manifest.site.to_string());
            println!("Nhật ký có chữ ký cũ được giữ ở {}", kept.display());
        }
        Ok(())
    }
}
