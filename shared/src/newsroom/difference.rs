//! What changed between two versions of a text, word by word, as people read it.

use super::text::Text;
use crate::entries::Kind;
use crate::entries::section::Tree;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// How long comparing two texts may take; then it gets coarser, not slower.
const PATIENCE: Duration = Duration::from_millis(300);

/// What happened to a run of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stayed.
    Same,
    /// It came in.
    Added,
    /// It was taken out.
    Removed,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// What happened to it.
    pub change: Change,
    /// The words.
    pub text: String,
}

/// One field that differs, line by line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What people call it.
    pub label: String,
    /// Its lines, each in runs.
    pub lines: Vec<Vec<Run>>,
}

/// The fields that differ between `old` and `new`.
pub fn between(old: &Text, new: &Text, sections: &Tree) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut compare = |label: &str, old: &str, new: &str| {
        if old != new {
            fields.push(Field {
                label: label.to_owned(),
                lines: lines(old, new),
            });
        }
    };
    let section = |code: &str| {
        let found = sections.get(code);
        found.map_or_else(|| code.to_owned(), |section| section.name.clone())
    };
    let kind =
        |name: &str| Kind::parse(name).map_or(name.to_owned(), |kind| kind.label().to_owned());
    let words = |value: &Option<String>| value.clone().unwrap_or_default();
    compare("Tiêu đề", &old.title, &new.title);
    compare("Sapo", &old.lead, &new.lead);
    compare("Nội dung", &body(old), &body(new));
    compare("Loại nội dung", &kind(&old.kind), &kind(&new.kind));
    compare("Chuyên mục", &section(&old.section), &section(&new.section));
    compare("Ngôn ngữ", &old.language, &new.language);
    compare("Tác giả", &old.authors, &new.authors);
    compare("Nguồn", &facts(&old.source), &facts(&new.source));
    compare("Ảnh đại diện", &picture(old), &picture(new));
    compare(
        "Mô tả ảnh",
        &words(&old.picture_alt),
        &words(&new.picture_alt),
    );
    compare(
        "Chú thích ảnh",
        &words(&old.picture_caption),
        &words(&new.picture_caption),
    );
    compare(
        "Tệp và thuộc tính",
        &facts(&old.fields),
        &facts(&new.fields),
    );
    fields
}

fn body(text: &Text) -> String {
    text.readable_body()
}

/// The picture by the first letters of its digest: enough to see that it is another.
fn picture(text: &Text) -> String {
    let digest = text.picture.map(|digest| digest.hex());
    digest.map_or_else(String::new, |hex| {
        format!("ảnh {}", hex.get(..12).unwrap_or_default())
    })
}

/// Fields kept as JSON, one a line; those that say nothing are left out.
fn facts(json: &Option<String>) -> String {
    let value = json
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok());
    let mut lines = Vec::new();
    if let Some(value) = value {
        flatten("", &value, &mut lines);
    }
    lines.join("\n")
}

fn flatten(name: &str, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(false) => {}
        Value::Bool(true) => lines.push(label(name).to_owned()),
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => lines.push(format!("{}: {text}", label(name))),
        Value::Number(number) => lines.push(format!("{}: {number}", label(name))),
        Value::Array(items) => {
            for item in items {
                flatten(name, item, lines);
            }
        }
        Value::Object(members) => {
            // A file is what its author called it.
            if let (Some(Value::String(file)), true) =
                (members.get("name"), members.contains_key("digest"))
            {
                lines.push(format!("Tệp: {file}"));
                return;
            }
            for (name, value) in members {
                flatten(name, value, lines);
            }
        }
    }
}

fn label(name: &str) -> &str {
    match name {
        "number" => "Số ký hiệu",
        "form" => "Loại văn bản",
        "issuer" => "Cơ quan ban hành",
        "signer" => "Người ký",
        "field" => "Lĩnh vực",
        "issued_on" => "Ngày ban hành",
        "effective_on" => "Ngày có hiệu lực",
        "expires" => "Hết hạn",
        "asked" => "Câu hỏi",
        "asked_on" => "Ngày hỏi",
        "asked_by" => "Người hỏi",
        "answered_by" => "Người trả lời",
        "answered_on" => "Ngày trả lời",
        "featured" => "Tin nổi bật ở trang chủ",
        "name" => "Tên",
        "url" => "Địa chỉ",
        other => other,
    }
}

/// The words of both, in one order, line by line.
fn lines(old: &str, new: &str) -> Vec<Vec<Run>> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_words(old, new);
    let mut lines: Vec<Vec<Run>> = vec![Vec::new()];
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Change::Same,
            ChangeTag::Insert => Change::Added,
            ChangeTag::Delete => Change::Removed,
        };
        for (at, part) in change.value().split('\n').enumerate() {
            if at > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut() {
                add(line, kind, part);
            }
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

fn add(line: &mut Vec<Run>, change: Change, part: &str) {
    if part.is_empty() {
        return;
    }
    match line.last_mut() {
        Some(last) if last.change == change => last.text.push_str(part),
        _ => line.push(Run {
            change,
            text: part.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(old: &str, new: &str) -> String {
        let lines = lines(old, new).into_iter().map(|line| {
            line.into_iter()
                .map(|run| match run.change {
                    Change::Same => run.text,
                    Change::Added => format!("+{}+", run.text),
                    Change::Removed => format!("-{}-", run.text),
                })
                .collect::<String>()
        });
        lines.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn words_that_came_and_went_are_told_apart() {
        for (old, new, expected) in [
            ("Vào mùa cà phê", "Vào vụ cà phê", "Vào -mùa-+vụ+ cà phê"),
            ("Một", "Một hai", "Một+ hai+"),
            ("", "Mới", "+Mới+"),
            ("Cũ", "", "-Cũ-"),
            ("Một\n\nHai", "Một\n\nBa", "Một|-Hai-+Ba+"),
        ] {
            assert_eq!(told(old, new), expected, "{old:?} {new:?}");
        }
    }

    #[test]
    fn only_fields_that_differ_are_named_and_files_by_their_names() {
        let text = Text {
            title: "Một".to_owned(),
            kind: "article".to_owned(),
            fields: Some(r#"{"featured":false,"files":[]}"#.to_owned()),
            ..Text::default()
        };
        let digest = "ab".repeat(32);
        let other = Text {
            title: "Hai".to_owned(),
            fields: Some(format!(
                r#"{{"featured":true,"files":[{{"digest":"{digest}","name":"184.pdf"}}]}}"#
            )),
            ..text.clone()
        };
        let found = between(&text, &other, &Tree::default());
        let labels: Vec<&str> = found.iter().map(|field| field.label.as_str()).collect();
        assert_eq!(labels, ["Tiêu đề", "Tệp và thuộc tính"]);
        let lines: Vec<&str> = found[1]
            .lines
            .iter()
            .map(|line| line[0].text.as_str())
            .collect();
        assert_eq!(lines, ["Tin nổi bật ở trang chủ", "Tệp: 184.pdf"]);
        assert!(between(&text, &text, &Tree::default()).is_empty());
    }

    #[test]
    fn a_long_text_is_compared_in_bounded_time() {
        let old = "từ này ".repeat(30_000);
        let new = "chữ kia ".repeat(30_000);
        assert!(!lines(&old, &new).is_empty());
    }
}
