//! A province whose members published what a test says, in the tables everything else writes.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ActiveValue, EntityTrait, Set};
use serde_json::json;
use shared::directory::site_record::{self, Mode, State};
use shared::entries::kinds::day_number;
use shared::entries::record;
use shared::newsroom::verdict::{self, Grade};
use shared::readership::record::site_day;
use shared::site::Site;
use shared::units::attribute::{self, Attribute, Name};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// A member of the province.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) site: Uuid,
    pub(crate) unit: Uuid,
}

/// A moment in Vietnam.
pub(crate) fn at(text: &str) -> DateTime<Utc> {
    shared::vietnamese::parse_local(text).expect("a time")
}

/// A day.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A member called `name`, of `kind`, where so many people live.
pub(crate) async fn member(site: &Site, name: &str, kind: &str, people: i64) -> Member {
    let member = Member {
        site: Uuid::now_v7(),
        unit: Uuid::now_v7(),
    };
    let record = site_record::Model {
        id: member.site,
        unit_id: member.unit,
        mode: Mode::Native.as_str().to_owned(),
        state: State::Active.as_str().to_owned(),
        base_url: format!("https://{}.example", member.unit.simple()),
        title: name.to_owned(),
        described_at: 0,
    };
    let attributes = [
        Attribute::always(Name::Name, name),
        Attribute::always(Name::Kind, kind),
        Attribute::always(Name::Population, people.to_string()),
    ];
    site.db
        .write(move |tx| {
            Box::pin(async move {
                site_record::put(tx, record).await?;
                attribute::replace(tx, member.unit, &attributes).await
            })
        })
        .await
        .expect("a member");
    member
}

/// An entry about to be held.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) entry: Uuid,
    row: record::ActiveModel,
}

/// An entry of `kind` that `of` published at `when`.
pub(crate) fn entry(of: Member, kind: &str, title: &str, when: DateTime<Utc>) -> Held {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    let entry = Uuid::now_v7();
    let millis = when.timestamp_millis();
    let number = i64::try_from(NUMBER.fetch_add(1, Ordering::Relaxed)).expect("few");
    let row = record::ActiveModel {
        id: ActiveValue::NotSet,
        entry_id: Set(entry),
        site_id: Set(of.site),
        unit_id: Set(of.unit),
        kind: Set(kind.to_owned()),
        state: Set("live".to_owned()),
        rev: Set(1),
        event_id: Set(number),
        content_hash: Set(None),
        url: Set(format!("https://{}.example/{entry}", of.unit.simple())),
        title: Set(title.to_owned()),
        lead: Set(None),
        section: Set("tin-tuc-su-kien".to_owned()),
        language: Set("vi".to_owned()),
        authors: Set(None),
        picture: Set(None),
        picture_alt: Set(None),
        picture_focus: Set(None),
        fields: Set(Some(
            json!({"kind": kind, "section": "tin-tuc-su-kien"}).to_string(),
        )),
        source: Set(None),
        reason: Set(None),
        published_at: Set(millis),
        revised_at: Set(millis),
        expires_at: Set(None),
        recalled_through: Set(0),
        number: Set(None),
        form: Set(None),
        field: Set(None),
        issuer: Set(None),
        issuer_key: Set(None),
        dated_on: Set(None),
        starts_on: Set(None),
        ends_on: Set(None),
        unmapped: Set(None),
    };
    Held { entry, row }
}

impl Held {
    pub(crate) fn section(mut self, code: &str) -> Self {
        self.row.section = Set(code.to_owned());
        self
    }

    pub(crate) fn language(mut self, code: &str) -> Self {
        self.row.language = Set(code.to_owned());
        self
    }

    pub(crate) fn by(mut self, authors: &str) -> Self {
        self.row.authors = Set(Some(authors.to_owned()));
        self
    }

    /// Taken from somebody else.
    pub(crate) fn reposted(mut self) -> Self {
        self.row.source = Set(Some(json!({"name": "Báo Tỉnh"}).to_string()));
        self
    }

    pub(crate) fn corrected(mut self, words: &str) -> Self {
        let fields = json!({"kind": "article", "section": "tin-tuc", "correction": words});
        self.row.fields = Set(Some(fields.to_string()));
        self
    }

    /// A document with all its members, issued on `day`.
    pub(crate) fn issued(mut self, on: NaiveDate) -> Self {
        self.row.section = Set("van-ban".to_owned());
        self.row.number = Set(Some("12qdubnd".to_owned()));
        self.row.form = Set(Some("Quyết định".to_owned()));
        self.row.issuer = Set(Some("Ủy ban nhân dân".to_owned()));
        self.row.dated_on = Set(Some(day_number(on)));
        self.row.starts_on = Set(Some(day_number(on)));
        self
    }

    /// A question that was asked and answered on these days.
    pub(crate) fn answered(mut self, asked: NaiveDate, answered: NaiveDate) -> Self {
        let question = json!({
            "asked": "Khi nào?",
            "asked_on": asked.to_string(),
            "answered_on": answered.to_string(),
        });
        let fields = json!({"kind": "question", "section": "hoi-dap", "question": question});
        self.row.fields = Set(Some(fields.to_string()));
        self.row.section = Set("hoi-dap".to_owned());
        self.row.dated_on = Set(Some(day_number(answered)));
        self
    }
}

/// Holds `entries`.
pub(crate) async fn hold(site: &Site, entries: Vec<Held>) {
    let rows: Vec<record::ActiveModel> = entries.into_iter().map(|held| held.row).collect();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                for some in rows.chunks(200) {
                    record::Entity::insert_many(some.to_vec())
                        .exec_without_returning(tx)
                        .await?;
                }
                Ok(())
            })
        })
        .await
        .expect("held");
}

/// The province decides about entries of `of`, at `when`.
pub(crate) async fn decide(
    site: &Site,
    of: Member,
    decisions: Vec<(Uuid, &'static str, Option<Grade>)>,
    when: DateTime<Utc>,
) {
    let rows: Vec<verdict::ActiveModel> = decisions
        .into_iter()
        .map(|(entry, decision, grade)| verdict::ActiveModel {
            id: ActiveValue::NotSet,
            entry_id: Set(entry),
            unit_id: Set(of.unit),
            rev: Set(1),
            decision: Set(decision.to_owned()),
            grade: Set(grade.map(|grade| grade.as_str().to_owned())),
            decided_by: Set(None),
            at: Set(when.timestamp_millis()),
        })
        .collect();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                verdict::Entity::insert_many(rows)
                    .exec_without_returning(tx)
                    .await?;
                Ok(())
            })
        })
        .await
        .expect("decided");
}

/// Pages of `of` were opened so often on these days.
pub(crate) async fn viewed(site: &Site, of: Member, days: Vec<(NaiveDate, i64)>) {
    let rows = days
        .into_iter()
        .map(move |(day, views)| site_day::ActiveModel {
            site_id: Set(of.site),
            day: Set(day_number(day)),
            views: Set(views),
        });
    let rows: Vec<_> = rows.collect();
    site.db
        .write(move |tx| {
            Box::pin(async move {
                site_day::Entity::insert_many(rows)
                    .exec_without_returning(tx)
                    .await?;
                Ok(())
            })
        })
        .await
        .expect("viewed");
}

/// Nine months of 2021 in a province of 63 portals, 37 of which answer questions; the first is the one of Sa Pa.
pub(crate) async fn lao_cai(site: &Site) -> Vec<Member> {
    let mut members = vec![member(site, "thị xã Sa Pa", "thi_xa", 81_000).await];
    for number in 2..=63 {
        members.push(member(site, &format!("đơn vị {number}"), "thi_xa", 20_000).await);
    }
    let sa_pa = members[0];
    let first = day("2021-01-01");
    let mut held = Vec::new();
    for number in 0..1250_u64 {
        let on = first + chrono::Days::new(number % 273);
        let when = on.and_hms_opt(2, 0, 0).expect("a time").and_utc();
        held.push(entry(sa_pa, "article", &format!("Tin số {number}"), when).by("A Mẫu"));
    }
    let accepted: Vec<_> = held
        .iter()
        .take(30)
        .map(|held| (held.entry, "accepted", Some(Grade::A)))
        .collect();
    for number in 0..624_u64 {
        let on = first + chrono::Days::new(number % 273);
        let when = on.and_hms_opt(3, 0, 0).expect("a time").and_utc();
        let title = format!("Về việc số {number}");
        held.push(entry(sa_pa, "document", &title, when).issued(on));
    }
    let question = |of: Member, number: u64, asked: &str, answered: &str| {
        let when = at(&format!("{answered}T09:00"));
        let title = format!("Câu hỏi {number}");
        entry(of, "question", &title, when).answered(day(asked), day(answered))
    };
    for number in 0..9 {
        held.push(question(sa_pa, number, "2021-03-01", "2021-03-08"));
    }
    held.push(question(sa_pa, 9, "2021-03-01", "2021-04-12"));
    for (number, other) in (1..).zip(&members[1..]) {
        // Some news each, and never as much as is expected.
        for item in 0..(number % 20 + 1) {
            let when = at("2021-02-03T08:00") + chrono::TimeDelta::days(item * 9);
            held.push(entry(*other, "article", &format!("Tin {item}"), when));
        }
        // Two answer sooner and always in time, 34 later and half of the time.
        let answered = match number {
            1..=2 => ["2021-03-03", "2021-03-03"],
            3..=36 => ["2021-03-15", "2021-04-20"],
            _ => continue,
        };
        for (number, on) in (0..).zip(answered) {
            held.push(question(*other, number, "2021-03-01", on));
        }
    }
    hold(site, held).await;
    decide(site, sa_pa, accepted, at("2021-09-20T10:00")).await;
    // 221.857 in 273 days.
    let days = (0..273).map(|number| {
        let views = 812 + i64::from(number < 181);
        (first + chrono::Days::new(number), views)
    });
    viewed(site, sa_pa, days.collect()).await;
    members
}
