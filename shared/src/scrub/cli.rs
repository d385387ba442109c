//! The command `check`: looks through everything now, mends what it can, and says what is left.

use super::record::What;
use crate::site::Site;
use crate::vietnamese::grouped;
use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;

/// Looks through everything `site` holds. Fails if something could not be mended.
pub async fn check(site: &Arc<Site>) -> anyhow::Result<()> {
    let count = |number: u64| grouped(i64::try_from(number).unwrap_or(i64::MAX));
    let bar = ProgressBar::new(super::size(site).await.map_err(anyhow::Error::new)?);
    bar.set_style(ProgressStyle::with_template(
        "{bar:30} {pos}/{len} mục, còn khoảng {eta}",
    )?);
    let report = super::check_now(site, |checked| bar.set_position(checked))
        .await
        .map_err(anyhow::Error::new)?;
    bar.finish_and_clear();
    println!(
        "Đã kiểm tra {} mục, {} byte; {} mục hỏng.",
        count(report.checked),
        count(report.bytes),
        count(report.found)
    );
    if report.left.is_empty() {
        if report.found > 0 {
            println!("Tất cả đã được khôi phục.");
        }
        return Ok(());
    }
    for damage in &report.left {
        let what = What::parse(&damage.what).map_or("", What::in_words);
        println!("Chưa khôi phục: {what} {}: {}", damage.name, damage.detail);
    }
    bail!(
        "{} mục hỏng chưa khôi phục được; trang sẽ tiếp tục hỏi các trang khác khi đang chạy",
        count(report.left.len() as u64)
    );
}

/// What `status` says of comparing and of the disk.
pub async fn tell(site: &Site) -> anyhow::Result<()> {
    let when = |at: Option<i64>| match at {
        Some(at) => crate::vietnamese::date_time(crate::clock::from_millis(at)),
        None => "chưa bao giờ".to_owned(),
    };
    let db = site.db.reader();
    for peer in crate::sync::peer::all(db).await? {
        if let Some(compared) = crate::sync::compare::record::find(db, peer.site_id).await? {
            println!(
                "Đối chiếu gần nhất: {}; khớp hoàn toàn: {}",
                when(Some(compared.compared_at)),
                when(compared.agreed_at)
            );
            println!(
                "Đối chiếu đã bổ sung: {} mục nhận về, {} mục gửi lên",
                grouped(compared.missed_in),
                grouped(compared.missed_out)
            );
        }
    }
    let state = super::state(site).await?;
    println!(
        "Kiểm tra dữ liệu gần nhất: {}",
        when(state.last.map(|last| last.finished_at))
    );
    if let Some(last) = state.last {
        let found = i64::try_from(last.found).unwrap_or(i64::MAX);
        println!("Số mục hỏng tìm thấy lần đó: {}", grouped(found));
    }
    let open = super::record::count_open(db).await?;
    if open > 0 {
        let open = i64::try_from(open).unwrap_or(i64::MAX);
        println!("Đang hỏng, chưa khôi phục: {} mục", grouped(open));
    }
    Ok(())
}
