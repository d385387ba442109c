//! `/quan-tri/nhuan-but/{month}/khoa`: asked once more before a statement is locked for good.

use super::{NAME, PATH, money, month_of};
use crate::audit::{self, Action, Kind, Subject};
use crate::error::{Error, Result};
use crate::pages::cards;
use crate::pages::newsroom::around::{AtDesk, Done};
use crate::pages::templates::ConfirmPage;
use crate::pages::view::{FormErrors, Link};
use crate::royalties::Month;
use crate::royalties::statement::{self, Draft};
use crate::vietnamese;
use axum::extract::{Form, Path};
use axum::response::Response;
use serde::Deserialize;

pub(in crate::pages::newsroom) const LOCK: &str = "/quan-tri/nhuan-but/{month}/khoa";

/// The answer.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages::newsroom) struct Answer {
    csrf: String,
}

/// Where `month` is locked.
pub(super) fn path_of(month: Month) -> String {
    LOCK.replace("{month}", &month.name())
}

pub(in crate::pages::newsroom) async fn ask(
    at: AtDesk,
    Path(name): Path<String>,
) -> Result<Response> {
    let month = month_of(&name)?;
    let today = vietnamese::local(at.site.clock.now()).date_naive();
    let draft = Draft::load(at.site.db.reader(), at.site.id, month, today).await?;
    if !draft.is_as_approved()? {
        let words = "Chỉ khóa được bảng kê đã duyệt và chưa thay đổi từ đó.";
        return Err(Error::Conflict(words.to_owned()));
    }
    let mut desk = at.desk("Khóa bảng kê", PATH).await?;
    desk.breadcrumb = vec![Link::new(NAME, PATH)];
    let sum = &draft.sum;
    let page = ConfirmPage {
        desk,
        action: path_of(month),
        question: format!("Khóa bảng kê nhuận bút tháng {month}?"),
        subject: format!(
            "{} bài, {} người, tổng {}, khấu trừ thuế {}, thực chi {}, chi trả ngày {}",
            sum.works.len(),
            sum.payments.len(),
            money(sum.gross()),
            money(sum.tax()),
            money(sum.net()),
            cards::day(draft.pay_on).text
        ),
        consequences: vec![
            "Từ lúc khóa, bảng kê không đổi được nữa, dù biểu nhuận bút hay bài đăng thay đổi.".to_owned(),
            "Các bài trong bảng kê coi như đã trả và không bao giờ tính lại.".to_owned(),
            "Bài chấm sau đó và bài đăng muộn hơn vào bảng kê tháng sau; sai sót thì ghi dòng điều chỉnh ở tháng sau.".to_owned(),
        ],
        warnings: Vec::new(),
        reason_label: None,
        reason: String::new(),
        revision: 0,
        button: "Khóa bảng kê".to_owned(),
        dangerous: true,
        cancel_url: super::path_of(month),
        errors: FormErrors::default(),
    };
    at.answer(&page)
}

pub(in crate::pages::newsroom) async fn lock(
    at: AtDesk,
    Path(name): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response> {
    at.user.check_form(&answer.csrf)?;
    let month = month_of(&name)?;
    let (site, id, by) = (at.site.id, at.user.id(), at.user.actor());
    let now = at.site.clock.now().timestamp_millis();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                statement::lock(tx, site, month, id, now).await?;
                let subject = Subject::of(Kind::Royalties, month.number());
                audit::record(tx, &by, Action::RoyaltiesLocked, subject, now).await
            })
        })
        .await?;
    Ok(Done::RoyaltiesLocked.then(&super::path_of(month)))
}
