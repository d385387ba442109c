//! The commands about backups, which both servers have.

use super::keeper::Keeper;
use super::run::{self, Report, Standing};
use crate::audit::{self, Action, Subject};
use crate::folder::Folder;
use crate::site::Site;
use crate::vietnamese;
use anyhow::bail;
use std::sync::Arc;

/// Makes a recovery key for a site that has none, or prints the one it has anew.
/// `opened` is its site, to record that it was shown: who cannot open a site any more needs its key most.
pub async fn recovery_key(
    folder: &Folder,
    opened: anyhow::Result<Arc<Site>>,
) -> anyhow::Result<()> {
    let is_new = !folder.has_recovery_key();
    folder.keep_recovery_key_if_none()?;
    match opened {
        Ok(site) => audit::at_the_machine(&site, Action::RecoveryKeyShown, Subject::none()).await?,
        Err(error) => eprintln!("Chưa ghi được vào nhật ký thao tác: {error:#}"),
    }
    let title = folder.settings()?.site.title;
    print!("{}", folder.recovery_key()?.paper(&title));
    if is_new {
        println!(
            "Đã tạo khóa khôi phục. Bản sao lưu đầu tiên được tạo trong ít phút khi trang chạy."
        );
    }
    Ok(())
}

/// `recovery-key --new`: begins anew with another key.
pub async fn renew_key(keeper: &Keeper, folder: &Folder) -> anyhow::Result<()> {
    keeper.renew().await?;
    audit::at_the_machine(keeper.site(), Action::RecoveryKeyShown, Subject::none()).await?;
    print!(
        "{}",
        folder.recovery_key()?.paper(&keeper.site().profile.title)
    );
    println!("Khóa cũ đã được cất cạnh khóa mới; kho cũ được giữ lại một thời gian rồi bỏ.");
    println!("Hãy hủy tờ giấy cũ và sao lưu ngay bằng lệnh backup.");
    Ok(())
}

/// `backup`: makes one now.
pub async fn backup(keeper: &Keeper) -> anyhow::Result<()> {
    let mut failed = 0;
    for (target, outcome) in keeper.backup(false).await? {
        match outcome {
            Ok(Some(kept)) => println!(
                "{target}: đã sao lưu {} tệp, {} (thêm mới {}), bản {} lúc {}",
                kept.files,
                size(kept.bytes),
                size(kept.added),
                kept.short_id(),
                vietnamese::date_time(kept.at)
            ),
            Ok(None) => println!("{target}: không có gì mới"),
            Err(error) => {
                failed += 1;
                complain(&target.to_string(), &error);
            }
        }
    }
    conclude(failed)
}

/// `backups`: lists them.
pub async fn list(keeper: &Keeper) -> anyhow::Result<()> {
    let mut failed = 0;
    for (target, listed) in keeper.list().await? {
        match listed {
            Ok(snapshots) => {
                println!("{target}: {} bản sao lưu", snapshots.len());
                let rows: Vec<Vec<String>> = snapshots
                    .iter()
                    .map(|snapshot| {
                        vec![
                            snapshot.short_id().to_owned(),
                            vietnamese::date_time(snapshot.at),
                            snapshot.files.to_string(),
                            size(snapshot.bytes),
                            size(snapshot.added),
                        ]
                    })
                    .collect();
                let head = ["Bản", "Lúc", "Số tệp", "Dung lượng", "Thêm mới"];
                print!("{}", crate::cli::table(&head, &rows));
            }
            Err(error) => {
                failed += 1;
                complain(&target.to_string(), &error);
            }
        }
    }
    conclude(failed)
}

/// `check`: reads everything.
pub async fn check(keeper: &Keeper) -> anyhow::Result<()> {
    let mut failed = 0;
    for (target, outcome) in keeper.check(None).await? {
        match outcome {
            Ok(()) => println!("{target}: mọi dữ liệu sao lưu đều đọc được và đúng mã băm"),
            Err(error) => {
                failed += 1;
                complain(&target.to_string(), &error);
            }
        }
    }
    conclude(failed)
}

/// `drill`: restores one for practice.
pub async fn drill(keeper: &Keeper) -> anyhow::Result<()> {
    let mut failed = 0;
    for (target, outcome) in keeper.drill(None).await? {
        match outcome {
            Ok(drilled) => {
                println!(
                    "{target}: dựng lại được bản {} ({}); đọc lại {} ảnh và tệp",
                    drilled.snapshot.short_id(),
                    vietnamese::date_time(drilled.snapshot.at),
                    drilled.media_read
                );
                print!("{}", drilled.comparison.table());
            }
            Err(error) => {
                failed += 1;
                complain(&target.to_string(), &error);
            }
        }
    }
    conclude(failed)
}

/// The lines of `status` about backups.
pub async fn status(site: &Site, keeper: &Keeper) -> anyhow::Result<()> {
    let report = keeper.report().await?;
    let now = site.clock.now();
    if report.targets.is_empty() {
        println!("Sao lưu: CHƯA CÓ NƠI SAO LƯU");
        return Ok(());
    }
    if !keeper.has_key() {
        println!(
            "Sao lưu: CHƯA CÓ KHÓA KHÔI PHỤC; hãy chạy lệnh recovery-key và cất tờ giấy in ra"
        );
    }
    println!("Sao lưu vào: {}", report.targets.join(", "));
    for (name, standing) in standings(&report) {
        let is_red = match name {
            DRILL | CHECK => standing.failed_at.is_some(),
            _ => standing.is_red(now),
        };
        println!("{}", in_words(name, standing, is_red));
    }
    let last = run::last_good(site.db.reader(), run::Work::Backup, None).await?;
    if report.is_red(now) {
        println!("Tình trạng sao lưu: CẦN XEM");
    }
    if let Some(last) = last.and_then(|run| u64::try_from(run.bytes?).ok()) {
        println!("Dung lượng bản gần nhất: {}", size(last));
    }
    Ok(())
}

const CHECK: &str = "Kiểm tra kho gần nhất";
const DRILL: &str = "Diễn tập dựng lại gần nhất";

fn standings(report: &Report) -> [(&'static str, &Standing); 3] {
    [
        ("Sao lưu gần nhất", &report.backup),
        (CHECK, &report.check),
        (DRILL, &report.drill),
    ]
}

fn in_words(name: &str, standing: &Standing, is_red: bool) -> String {
    let good = match standing.good_at {
        Some(at) => vietnamese::date_time(at),
        None => "chưa lần nào".to_owned(),
    };
    let mark = if is_red { " — CẦN XEM" } else { "" };
    match (&standing.failed_at, &standing.detail) {
        (Some(at), Some(detail)) => format!(
            "{name}: {good}{mark}; hỏng lúc {}: {detail}",
            vietnamese::date_time(*at)
        ),
        _ => format!("{name}: {good}{mark}"),
    }
}

fn complain(target: &str, error: &anyhow::Error) {
    eprintln!("{target}: KHÔNG ĐƯỢC: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  vì: {cause}");
    }
}

fn conclude(failed: usize) -> anyhow::Result<()> {
    if failed > 0 {
        bail!("{failed} nơi sao lưu không làm được");
    }
    Ok(())
}

/// A size as people read it.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} byte"),
        1024..1_048_576 => format!("{} KiB", bytes.div_ceil(1024)),
        _ => format!("{:.1} MiB", bytes as f64 / 1_048_576.0).replace('.', ","),
    }
}
