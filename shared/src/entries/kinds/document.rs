//! Văn bản: a legal or administrative document. Its title is what it is about (trích yếu).

use super::{Facets, validity::Term};
use crate::entries::item::{ItemError, bound};
use crate::newsroom::form::{self, Check, DraftForm};
use crate::vietnamese::fold;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Most documents one may say it replaces or amends.
const MOST_RELATIONS: usize = 30;
/// Longest of its texts, in characters.
const LONGEST: usize = 300;

/// The fields of a legal or administrative document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentFields {
    /// Số, ký hiệu.
    pub number: String,
    /// Hình thức: Quyết định, Kế hoạch, …
    pub form: String,
    /// The province's code of the form; none for one of the unit's own that stands for none of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_code: Option<String>,
    /// Cơ quan ban hành.
    pub issuer: String,
    /// Người ký.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// Chức vụ người ký.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer_position: Option<String>,
    /// Lĩnh vực.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The province's code of the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_code: Option<String>,
    /// Ngày ban hành.
    pub issued_on: NaiveDate,
    /// Ngày có hiệu lực.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<NaiveDate>,
    /// Ngày hết hiệu lực: the first day it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// Thay thế: what it ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<Named>,
    /// Sửa đổi, bổ sung: what it changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amends: Vec<Named>,
}

/// Another document, as one names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Số, ký hiệu.
    pub number: String,
    /// Who issued it; none: who issued the one that names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Named {
    /// As a line of the form: the number, and after a comma who issued it.
    fn of_line(line: &str) -> Option<Self> {
        let (number, issuer) = match line.split_once([',', ';']) {
            Some((number, issuer)) => (number, Some(form::line(issuer))),
            None => (line, None),
        };
        let number = form::line(number);
        (!number.is_empty()).then_some(Self {
            number,
            issuer: issuer.filter(|issuer| !issuer.is_empty()),
        })
    }

    /// In words.
    pub fn in_words(&self) -> String {
        match &self.issuer {
            Some(issuer) => format!("{}, {issuer}", self.number),
            None => self.number.clone(),
        }
    }
}

/// A number as numbers are compared: without case, marks, and all that is neither letter nor figure.
pub fn number_key(number: &str) -> String {
    // "ĐN-CP" for "NĐ-CP" is a slip of the pen and another number; nobody can tell them apart here.
    fold(number)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The name of an office as names are compared.
pub fn issuer_key(issuer: &str) -> String {
    let folded = fold(issuer);
    let words = folded.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words
        .join(" ")
        .replace("ubnd", "uy ban nhan dan")
        .replace("hdnd", "hoi dong nhan dan")
}

impl DocumentFields {
    /// When it holds, by its own dates.
    pub fn term(&self) -> Term {
        Term {
            from: self.effective_on,
            until: self.expires_on,
        }
    }
}

pub(super) fn facets(document: &DocumentFields) -> Facets {
    Facets {
        number: Some(number_key(&document.number)),
        form: Some(document.form.clone()),
        field: document.field.clone(),
        issuer: Some(document.issuer.clone()),
        issuer_key: Some(issuer_key(&document.issuer)),
        dated_on: Some(document.issued_on),
        starts_on: document.effective_on,
        ends_on: document.expires_on,
        unmapped: None,
    }
}

pub(super) fn words(document: &DocumentFields) -> String {
    let signer = document.signer.as_deref().unwrap_or_default();
    format!("{} {signer}", document.number)
}

pub(super) fn check(document: &DocumentFields) -> Result<(), ItemError> {
    let texts = [
        Some(&document.number),
        Some(&document.form),
        Some(&document.issuer),
        document.signer.as_ref(),
        document.signer_position.as_ref(),
        document.field.as_ref(),
    ];
    let all = document.replaces.iter().chain(&document.amends);
    let named = all.flat_map(|named| [Some(&named.number), named.issuer.as_ref()]);
    bound(
        texts
            .into_iter()
            .chain(named)
            .flatten()
            .all(|text| text.chars().count() <= LONGEST),
        "_entry.document",
        "mỗi trường dài tối đa 300 ký tự",
    )?;
    bound(
        document.replaces.len() + document.amends.len() <= MOST_RELATIONS,
        "_entry.document",
        "thay thế hoặc sửa đổi tối đa 30 văn bản",
    )
}

/// The fields of a document being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Số, ký hiệu.
    pub number: String,
    /// Hình thức: its code in the site's list, or its name.
    pub form: String,
    /// Cơ quan ban hành.
    pub issuer: String,
    /// Người ký.
    pub signer: Option<String>,
    /// Chức vụ người ký.
    pub signer_position: Option<String>,
    /// Lĩnh vực: its code in the site's list, or its name.
    pub field: Option<String>,
    /// Ngày ban hành.
    pub issued_on: Option<NaiveDate>,
    /// Ngày có hiệu lực.
    pub effective_on: Option<NaiveDate>,
    /// Ngày hết hiệu lực.
    pub expires_on: Option<NaiveDate>,
    /// Thay thế.
    pub replaces: Vec<Named>,
    /// Sửa đổi, bổ sung.
    pub amends: Vec<Named>,
}

impl Draft {
    pub(super) fn of(document: &DocumentFields) -> Self {
        Self {
            number: document.number.clone(),
            form: document.form.clone(),
            issuer: document.issuer.clone(),
            signer: document.signer.clone(),
            signer_position: document.signer_position.clone(),
            field: document.field.clone(),
            issued_on: Some(document.issued_on),
            effective_on: document.effective_on,
            expires_on: document.expires_on,
            replaces: document.replaces.clone(),
            amends: document.amends.clone(),
        }
    }

    pub(super) fn read(form: &DraftForm, check: &mut Check) -> Self {
        let document = Self {
            number: check.line("document_number", &form.document_number, 100),
            form: check.line("document_type", &form.document_type, 100),
            issuer: check.line("issuer", &form.issuer, LONGEST),
            signer: check.optional("signer", &form.signer),
            signer_position: check.optional("signer_position", &form.signer_position),
            field: check.optional("field", &form.field),
            issued_on: check.date("issued_on", &form.issued_on),
            effective_on: check.date("effective_on", &form.effective_on),
            expires_on: check.date("expires_on", &form.expires_on),
            replaces: named("replaces", &form.replaces, check),
            amends: named("amends", &form.amends, check),
        };
        if let (Some(issued), Some(effective)) = (document.issued_on, document.effective_on)
            && effective < issued
        {
            check.say(
                "effective_on",
                "Ngày có hiệu lực không thể trước ngày ban hành.",
            );
        }
        let begins = document.effective_on.or(document.issued_on);
        if let (Some(begins), Some(expires)) = (begins, document.expires_on)
            && expires <= begins
        {
            check.say(
                "expires_on",
                "Ngày hết hiệu lực phải sau ngày ban hành và ngày có hiệu lực.",
            );
        }
        let own = number_key(&document.number);
        let is_itself = |named: &Named| {
            named.issuer.is_none() && !own.is_empty() && number_key(&named.number) == own
        };
        for (field, named) in [
            ("replaces", &document.replaces),
            ("amends", &document.amends),
        ] {
            if named.iter().any(is_itself) {
                check.say(field, "Đây là số của chính văn bản này.");
            }
        }
        document
    }

    pub(super) fn write(&self, form: &mut DraftForm) {
        let day = |day: Option<NaiveDate>| day.map(form::show_date).unwrap_or_default();
        form.document_number.clone_from(&self.number);
        form.document_type.clone_from(&self.form);
        form.issuer.clone_from(&self.issuer);
        form.signer = self.signer.clone().unwrap_or_default();
        form.signer_position = self.signer_position.clone().unwrap_or_default();
        form.field = self.field.clone().unwrap_or_default();
        form.issued_on = day(self.issued_on);
        form.effective_on = day(self.effective_on);
        form.expires_on = day(self.expires_on);
        form.replaces = lines(&self.replaces);
        form.amends = lines(&self.amends);
    }

    pub(super) fn lacking(&self, need: &mut dyn FnMut(bool, &str, &str)) {
        need(
            !self.number.is_empty(),
            "document_number",
            "Hãy nhập số, ký hiệu văn bản.",
        );
        need(
            !self.form.is_empty(),
            "document_type",
            "Hãy chọn loại văn bản.",
        );
        need(
            !self.issuer.is_empty(),
            "issuer",
            "Hãy nhập cơ quan ban hành.",
        );
        need(
            self.issued_on.is_some(),
            "issued_on",
            "Hãy nhập ngày ban hành.",
        );
    }

    /// As it travels; the codes are filled in by the site's lists.
    pub(super) fn to_fields(&self) -> Option<DocumentFields> {
        Some(DocumentFields {
            number: self.number.clone(),
            form: self.form.clone(),
            form_code: None,
            issuer: self.issuer.clone(),
            signer: self.signer.clone(),
            signer_position: self.signer_position.clone(),
            field: self.field.clone(),
            field_code: None,
            issued_on: self.issued_on?,
            effective_on: self.effective_on,
            expires_on: self.expires_on,
            replaces: self.replaces.clone(),
            amends: self.amends.clone(),
        })
    }
}

/// Documents named one a line.
fn named(field: &str, typed: &str, check: &mut Check) -> Vec<Named> {
    let named: Vec<Named> = typed.lines().filter_map(Named::of_line).collect();
    if named.len() > MOST_RELATIONS / 2 {
        check.say(field, "Ghi tối đa 15 văn bản.");
    }
    let is_long = |text: &str| text.chars().count() > LONGEST;
    if named
        .iter()
        .any(|named| is_long(&named.number) || named.issuer.as_deref().is_some_and(is_long))
    {
        check.say(field, "Mỗi dòng chỉ ghi số, ký hiệu một văn bản.");
    }
    named
}

fn lines(named: &[Named]) -> String {
    let lines: Vec<String> = named.iter().map(Named::in_words).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_offices_are_compared_as_people_write_them() {
        for alike in [
            "184/QĐ-UBND",
            "184 / qđ-ubnd",
            "184/QD-UBND",
            "184/QĐ – UBND",
        ] {
            assert_eq!(number_key(alike), "184qdubnd", "{alike}");
        }
        assert_ne!(number_key("184/QĐ-UBND"), number_key("18/QĐ-UBND"));
        assert_eq!(
            issuer_key("UBND xã Kon Braih"),
            issuer_key("Uỷ ban nhân dân xã Kon Braih")
        );
        assert_ne!(issuer_key("UBND xã Ba Tơ"), issuer_key("HĐND xã Ba Tơ"));
    }

    #[test]
    fn other_documents_are_named_one_a_line() {
        let mut check = Check::default();
        let typed = "12/QĐ-UBND\r\n\r\n 43/2011/NĐ-CP,  Chính phủ \n";
        let found = named("replaces", typed, &mut check);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].issuer, None);
        assert_eq!(found[1].issuer.as_deref(), Some("Chính phủ"));
        assert_eq!(lines(&found), "12/QĐ-UBND\n43/2011/NĐ-CP, Chính phủ");
    }
}
