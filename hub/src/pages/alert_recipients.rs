//! `/quan-tri/canh-bao/noi-nhan`: who is told of alerts, how, and by which rules.

use crate::alerts::delivery::Delivery;
use crate::alerts::recipient::{self, Channel};
use crate::alerts::{self, mail, rounds, webhook};
use axum::extract::{Extension, Form};
use axum::response::Response;
use serde::Deserialize;
use shared::audit::{self, Action, Kind, Subject};
use shared::error::Result;
use shared::pages::cards;
use shared::pages::newsroom::around::{AtDesk, Done};
use shared::pages::templates::{RecipientFormPage, RecipientsPage, ShownOncePage};
use shared::pages::view::{Badge, Choice, FormErrors, Link, RecipientFields, RecipientRow, Tone};
use uuid::Uuid;

/// The list.
pub(super) const PATH: &str = "/quan-tri/canh-bao/noi-nhan";
/// The form.
pub(super) const NEW: &str = "/quan-tri/canh-bao/noi-nhan/moi";

const CHANNELS: [(Channel, &str); 2] = [
    (Channel::Email, "thư điện tử"),
    (Channel::Webhook, "webhook (phần mềm khác nhận)"),
];
/// How long after nobody said they know somebody is told, in minutes.
const AFTER: [(i64, &str); 5] = [
    (0, "ngay khi có"),
    (30, "sau 30 phút chưa ai ghi đã biết"),
    (60, "sau 1 giờ chưa ai ghi đã biết"),
    (240, "sau 4 giờ chưa ai ghi đã biết"),
    (1440, "sau 1 ngày chưa ai ghi đã biết"),
];
/// The longest name, and the longest address.
const LONGEST_NAME: usize = 100;
const LONGEST_ADDRESS: usize = 500;

pub(super) async fn list(at: AtDesk, Extension(delivery): Extension<Delivery>) -> Result<Response> {
    let all = recipient::all(at.site.db.reader()).await?;
    let lacks_mail =
        !delivery.has_mail() && all.iter().any(|one| one.channel() == Some(Channel::Email));
    at.answer(&RecipientsPage {
        desk: desk(&at, "Nơi nhận cảnh báo").await?,
        action: PATH.to_owned(),
        new_url: NEW.to_owned(),
        lacks_mail,
        rows: all.into_iter().map(row).collect(),
    })
}

async fn desk(at: &AtDesk, title: &str) -> Result<shared::pages::view::Desk> {
    let mut desk = at.desk(title, alerts::PATH).await?;
    desk.breadcrumb = vec![Link::new("Cảnh báo", alerts::PATH)];
    Ok(desk)
}

fn row(one: recipient::Model) -> RecipientRow {
    let how = CHANNELS
        .iter()
        .find(|(channel, _)| Some(*channel) == one.channel());
    let when = AFTER.iter().find(|(after, _)| *after == one.after_minutes);
    let quiet = one
        .quiet_from
        .zip(one.quiet_to)
        .map(|(from, to)| format!("từ {} đến {} chỉ báo việc khẩn", clock(from), clock(to)));
    let state = match (one.active, &one.failure, one.reached_at) {
        (false, ..) => Badge::new("đang tắt", Tone::Quiet),
        (true, Some(_), _) => Badge::new("không gửi được", Tone::Bad),
        (true, None, Some(_)) => Badge::new("nhận được", Tone::Good),
        (true, None, None) => Badge::new("chưa gửi lần nào", Tone::Quiet),
    };
    RecipientRow {
        id: one.id.to_string(),
        name: one.name,
        how: how.map_or("", |(_, label)| label).to_owned(),
        address: one.address,
        rules: [when.map(|(_, label)| (*label).to_owned()), quiet]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("; "),
        state,
        failure: one.failure,
        reached: one.reached_at.map(cards::moment),
        active: one.active,
    }
}

fn clock(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What a row's buttons send.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    csrf: String,
    id: Uuid,
    /// `test`, `switch` or `remove`.
    action: String,
}

pub(super) async fn change(at: AtDesk, Form(change): Form<Change>) -> Result<Response> {
    at.user.check_form(&change.csrf)?;
    let known = recipient::find(at.site.db.reader(), change.id).await?;
    if change.action == "test" {
        rounds::try_out(&at.site, known.id).await?;
        return Ok(Done::TrialWritten.then(PATH));
    }
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let action = match change.action.as_str() {
                    "remove" => {
                        recipient::remove(tx, known.id).await?;
                        Action::AlertRecipientRemoved
                    }
                    _ => {
                        recipient::switch(tx, known.id, !known.active).await?;
                        Action::AlertRecipientChanged
                    }
                };
                let subject = Subject::of(Kind::Alert, known.id);
                audit::record(tx, &by, action, subject, now).await
            })
        })
        .await?;
    Ok(Done::RecipientsChanged.then(PATH))
}

/// What is filled in. The names of the fields are the form's.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Filled {
    csrf: String,
    name: String,
    channel: String,
    address: String,
    after: String,
    quiet_from: String,
    quiet_to: String,
}

pub(super) async fn begin(
    at: AtDesk,
    Extension(delivery): Extension<Delivery>,
) -> Result<Response> {
    let filled = Filled {
        channel: Channel::Email.as_str().to_owned(),
        after: "0".to_owned(),
        ..Filled::default()
    };
    at.answer(&form(&at, &delivery, filled, FormErrors::default()).await?)
}

async fn form(
    at: &AtDesk,
    delivery: &Delivery,
    filled: Filled,
    errors: FormErrors,
) -> Result<RecipientFormPage> {
    Ok(RecipientFormPage {
        desk: desk(at, "Thêm nơi nhận").await?,
        action: NEW.to_owned(),
        has_mail: delivery.has_mail(),
        channels: CHANNELS
            .iter()
            .map(|(channel, label)| {
                Choice::new(channel.as_str(), *label, channel.as_str() == filled.channel)
            })
            .collect(),
        after: AFTER
            .iter()
            .map(|(after, label)| {
                let after = after.to_string();
                let chosen = after == filled.after;
                Choice::new(after, *label, chosen)
            })
            .collect(),
        fields: RecipientFields {
            name: filled.name,
            address: filled.address,
            quiet_from: filled.quiet_from,
            quiet_to: filled.quiet_to,
        },
        errors,
        cancel_url: PATH.to_owned(),
    })
}

pub(super) async fn add(
    at: AtDesk,
    Extension(delivery): Extension<Delivery>,
    Form(filled): Form<Filled>,
) -> Result<Response> {
    at.user.check_form(&filled.csrf)?;
    let known = recipient::all(at.site.db.reader()).await?.len();
    let new = match checked(&filled, &delivery, known) {
        Ok(new) => new,
        Err(errors) => return at.answer_again(&form(&at, &delivery, filled, errors).await?),
    };
    let secret = match new.channel() {
        Some(Channel::Webhook) => Some(webhook::new_secret()?),
        _ => None,
    };
    let (by, now) = (at.user.actor(), at.site.clock.now().timestamp_millis());
    let new = recipient::Model {
        id: Uuid::now_v7(),
        secret: secret.as_ref().map(|secret| secret.to_string()),
        made_at: now,
        ..new
    };
    let name = new.name.clone();
    at.site
        .db
        .write(move |tx| {
            Box::pin(async move {
                let subject = Subject::of(Kind::Alert, new.id);
                recipient::add(tx, new).await?;
                audit::record(tx, &by, Action::AlertRecipientAdded, subject, now).await
            })
        })
        .await?;
    let Some(secret) = secret else {
        return Ok(Done::RecipientsChanged.then(PATH));
    };
    at.answer(&ShownOncePage {
        desk: desk(&at, "Khóa ký của webhook").await?,
        intro: format!(
            "Chép khóa này vào phần mềm nhận của {name}. Phần mềm dùng khóa để biết thư đúng là của tỉnh (chuẩn Standard Webhooks, chữ ký v1)."
        ),
        lines: vec![secret.to_string()],
        warning: "Khóa chỉ hiện lần này. Nếu mất, hãy xóa nơi nhận rồi thêm lại.".to_owned(),
        next: Link::new("Về danh sách nơi nhận", PATH),
    })
}

fn checked(
    filled: &Filled,
    delivery: &Delivery,
    known: usize,
) -> std::result::Result<recipient::Model, FormErrors> {
    let mut errors = FormErrors::default();
    let name = filled.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        errors.add("name", "Hãy ghi ai nhận, nhiều nhất 100 chữ.");
    }
    if known >= recipient::MOST {
        errors.add("name", "Đã đủ 30 nơi nhận. Hãy xóa bớt nơi không dùng.");
    }
    let address = filled.address.trim();
    let channel = Channel::parse(&filled.channel);
    match channel {
        Some(Channel::Email) if !delivery.has_mail() => errors.add(
            "channel",
            "Máy chủ chưa biết gửi thư. Người vận hành cần khai mục [mail] trong cấu hình rồi khởi động lại.",
        ),
        Some(Channel::Email) if !mail::is_address(address) => {
            errors.add("address", "Địa chỉ thư chưa đúng, ví dụ: truc-cong@quangngai.example");
        }
        Some(Channel::Webhook) if !is_webhook(address) => {
            errors.add("address", "Địa chỉ webhook phải bắt đầu bằng https:// và không kèm mật khẩu.");
        }
        Some(_) if address.len() > LONGEST_ADDRESS => {
            errors.add("address", "Địa chỉ dài quá 500 ký tự.");
        }
        Some(_) => {}
        None => errors.add("channel", "Hãy chọn cách báo."),
    }
    let after = AFTER
        .iter()
        .map(|(after, _)| *after)
        .find(|after| after.to_string() == filled.after);
    if after.is_none() {
        errors.add("after", "Hãy chọn báo lúc nào.");
    }
    let quiet = quiet(filled, &mut errors);
    let (Some(channel), Some(after_minutes), true) = (channel, after, errors.is_empty()) else {
        return Err(errors);
    };
    Ok(recipient::Model {
        id: Uuid::nil(),
        name: name.to_owned(),
        channel: channel.as_str().to_owned(),
        address: address.to_owned(),
        secret: None,
        quiet_from: quiet.map(|(from, _)| from),
        quiet_to: quiet.map(|(_, to)| to),
        after_minutes,
        active: true,
        made_at: 0,
        reached_at: None,
        failure: None,
    })
}

/// What may be called: the way out checks the rest when it is.
fn is_webhook(address: &str) -> bool {
    address.parse::<url::Url>().is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http")
            && url.host().is_some()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

/// From when to when it is quiet, in minutes of the day.
fn quiet(filled: &Filled, errors: &mut FormErrors) -> Option<(i64, i64)> {
    let mut minute = |field: &str, text: &str| {
        let read = minute_of(text.trim());
        if read.is_none() {
            errors.add(field, "Giờ ghi dạng 22:00.");
        }
        read
    };
    match (filled.quiet_from.trim(), filled.quiet_to.trim()) {
        ("", "") => None,
        ("", to) => {
            minute("quiet_from", "");
            minute("quiet_to", to);
            None
        }
        (from, to) => minute("quiet_from", from).zip(minute("quiet_to", to)),
    }
}

fn minute_of(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    ((0..24).contains(&hour) && (0..60).contains(&minute)).then_some(hour * 60 + minute)
}
