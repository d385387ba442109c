//! The record from the command line: checked, and written out for an auditor.

use super::check;
use super::export::{self, Format};
use super::{Action, Actor, Kind, Subject, chain, heads};
use crate::cli::Place;
use crate::site::Site;
use crate::vietnamese::grouped;
use anyhow::{Context, bail};
use chrono::{Days, NaiveDate};
use clap::Subcommand;
use futures_util::StreamExt;
use std::fs::OpenOptions;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

/// What can be done with the record.
#[derive(Clone, Debug, Subcommand)]
pub enum AuditCommand {
    /// Kiểm tra chuỗi nhật ký; nêu dòng đầu tiên bị sửa, xóa hoặc đổi chỗ
    Verify {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Kiểm tra một tệp JSONL đã xuất thay vì cơ sở dữ liệu
        #[arg(long, value_name = "TỆP")]
        file: Option<PathBuf>,
    },
    /// Xuất nhật ký ra tệp cho đoàn kiểm tra
    Export {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap shows the docs of Place")]
        place: Place,
        /// Tệp sẽ ghi
        #[arg(long, value_name = "TỆP")]
        out: PathBuf,
        /// csv để đọc bằng bảng tính, jsonl để kiểm tra được chuỗi
        #[arg(long, value_enum, default_value = "jsonl")]
        format: Format,
        /// Từ ngày, ví dụ 2026-01-01; bỏ trống: từ dòng đầu còn giữ
        #[arg(long)]
        from: Option<NaiveDate>,
        /// Đến hết ngày; bỏ trống: đến dòng cuối
        #[arg(long)]
        to: Option<NaiveDate>,
    },
}

impl AuditCommand {
    /// The folder of the site whose record it is.
    pub fn dir(&self) -> &Path {
        match self {
            Self::Verify { place, .. } | Self::Export { place, .. } => &place.dir,
        }
    }

    /// Does what was asked.
    pub async fn run(self, site: &Arc<Site>) -> anyhow::Result<()> {
        match self {
            Self::Verify {
                file: Some(file), ..
            } => verify_file(&file),
            Self::Verify { file: None, .. } => verify(site).await,
            Self::Export {
                out,
                format,
                from,
                to,
                ..
            } => write_out(site, &out, format, from, to).await,
        }
    }
}

fn verify_file(file: &Path) -> anyhow::Result<()> {
    let opened =
        std::fs::File::open(file).with_context(|| format!("không mở được {}", file.display()))?;
    let walk = export::verify(BufReader::new(opened))?;
    println!("Tệp nguyên vẹn: {} dòng.", grouped(walk.checked()));
    println!(
        "Dòng cuối: số {}, mã băm {}",
        walk.last().seq,
        walk.last().digest
    );
    Ok(())
}

async fn verify(site: &Site) -> anyhow::Result<()> {
    let verdict = check::now_and_note(site)
        .await
        .map_err(anyhow::Error::new)?;
    if let Some(broken) = verdict.broken {
        bail!(
            "nhật ký thao tác không còn nguyên vẹn: {}; {} dòng trước đó đúng",
            broken.in_words(),
            grouped(verdict.checked)
        );
    }
    let head = chain::ends(site.db.reader())
        .await
        .map_err(anyhow::Error::new)?
        .head;
    println!("Nhật ký nguyên vẹn: {} dòng.", grouped(verdict.checked));
    println!("Dòng cuối: số {}, mã băm {}", head.seq, head.digest);
    match heads::tell(site).await.map_err(anyhow::Error::new)? {
        Some(true) => println!("Cổng của tỉnh xác nhận: khớp với những lần báo trước."),
        Some(false) => bail!(
            "cổng của tỉnh giữ mã băm khác: nhật ký đã bị ghi lại hoặc cắt ngắn; xem mục Nhật ký đơn vị ở cổng tỉnh"
        ),
        None => println!("Chưa đối chiếu được với cổng của tỉnh."),
    }
    Ok(())
}

async fn write_out(
    site: &Arc<Site>,
    out: &Path,
    format: Format,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> anyhow::Result<()> {
    let (from, until) = (from.map(begin_of), to.map(end_of));
    let run = export::run(site, from, until)
        .await
        .map_err(anyhow::Error::new)?;
    let mut file = OpenOptions::new();
    let mut file = file
        .write(true)
        .create_new(true)
        .open(out)
        .with_context(|| {
            format!(
                "không tạo được {}; tệp có sẵn thì không ghi đè",
                out.display()
            )
        })?;
    let mut pieces = pin!(export::pieces(Arc::clone(site), run, format));
    while let Some(piece) = pieces.next().await {
        file.write_all(piece.map_err(anyhow::Error::new)?.as_bytes())?;
    }
    file.sync_all()?;
    note(site, run).await?;
    println!(
        "Đã xuất {} dòng vào {}",
        grouped(run.last - run.after.seq),
        out.display()
    );
    Ok(())
}

/// Who took the record out is itself recorded.
async fn note(site: &Site, run: export::Run) -> anyhow::Result<()> {
    let now = site.clock.now().timestamp_millis();
    let noted = site.db.write(move |tx| {
        Box::pin(async move {
            let subject = Subject::of(Kind::Audit, run.last);
            super::record(tx, &Actor::CommandLine, Action::AuditExported, subject, now).await
        })
    });
    noted.await.map_err(anyhow::Error::new)
}

/// The first moment of a day in Vietnam; milliseconds.
pub fn begin_of(day: NaiveDate) -> i64 {
    let midnight = crate::vietnamese::parse_local(&format!("{day}T00:00"));
    midnight.map_or(i64::MIN, |moment| moment.timestamp_millis())
}

/// The first moment after a day in Vietnam; milliseconds.
pub fn end_of(day: NaiveDate) -> i64 {
    day.checked_add_days(Days::new(1))
        .map_or(i64::MAX, begin_of)
}
