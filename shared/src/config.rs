//! Settings: one TOML file, single values overridden by environment variables.
//!
//! An operator who mistypes something is told in Vietnamese where it stands and what to mend.
//! Settings types should `deny_unknown_fields`, so that a misspelt name is found at start.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use thiserror::Error;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue, Deserializer};

/// Why the settings cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("không đọc được tệp cấu hình {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Something in the file.
    #[error("{}, dòng {line}: {what}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What to mend.
        what: String,
    },
    /// Something in an environment variable.
    #[error("biến môi trường {name}: {what}")]
    InVariable {
        /// The variable.
        name: String,
        /// What to mend.
        what: String,
    },
}

/// Reads the settings in the file at `path`, with values from the environment in their place:
/// with `env_prefix` `LIEN_CONG`, `LIEN_CONG_SERVER__LISTEN` stands for `listen` in `[server]`.
///
/// A variable without `__` is no setting, so that `LIEN_CONG_CONFIG` may name the file itself.
/// A value is read as TOML where its place wants a number, a truth value or a list, and as
/// plain text where it wants text.
pub fn load<T: DeserializeOwned>(path: &Path, env_prefix: &str) -> Result<T, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    Settings {
        path,
        text: &text,
        overrides: overrides(env_prefix, std::env::vars_os())?,
    }
    .read()
}

/// One variable that stands for a setting.
struct Override {
    name: String,
    keys: Vec<String>,
    text: String,
}

fn overrides(
    prefix: &str,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Vec<Override>, ConfigError> {
    let mut found = Vec::new();
    for (name, text) in variables {
        let Some(name) = name.to_str() else { continue };
        let Some(place) = name
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('_'))
            .filter(|place| place.contains("__"))
        else {
            continue;
        };
        let text = text.into_string().map_err(|_| ConfigError::InVariable {
            name: name.to_owned(),
            what: "giá trị không phải UTF-8".to_owned(),
        })?;
        found.push(Override {
            name: name.to_owned(),
            keys: place.split("__").map(str::to_lowercase).collect(),
            text,
        });
    }
    // The environment has no order; errors should.
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// The file's text and what overrides it.
///
/// Overrides get spans behind the end of the text, so that an error's span tells whose fault
/// it is.
struct Settings<'a> {
    path: &'a Path,
    text: &'a str,
    overrides: Vec<Override>,
}

impl Settings<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let mut as_text = vec![false; self.overrides.len()];
        let mut first_errors = vec![None; self.overrides.len()];
        loop {
            let error = match T::deserialize(Deserializer::from(self.merged(&as_text)?)) {
                Ok(settings) => return Ok(settings),
                Err(error) => error,
            };
            match error.span().and_then(|span| self.override_at(&span)) {
                // `123` is a number, unless its place wants text, such as a password.
                Some(index) if !as_text[index] => {
                    as_text[index] = true;
                    first_errors[index] = Some(error);
                }
                // As text it is no better: what was wrong with it at first says more.
                Some(index) => {
                    let first = first_errors[index].take();
                    return Err(self.explain(&first.unwrap_or(error)));
                }
                None => return Err(self.explain(&error)),
            }
        }
    }

    /// The file's table with the overrides in it; those marked `as_text` as strings.
    fn merged(&self, as_text: &[bool]) -> Result<Spanned<DeTable<'_>>, ConfigError> {
        let mut root = DeTable::parse(self.text)
            .map_err(|error| self.in_file(error.span(), syntax(&error)))?;
        for (index, over) in self.overrides.iter().enumerate() {
            let span = self.span_of(index);
            let value = over.value(as_text[index], &span);
            put(root.get_mut(), &over.keys, value, &span).map_err(|key| {
                ConfigError::InVariable {
                    name: over.name.clone(),
                    what: format!("`{key}` trong tệp cấu hình là một giá trị, không phải một mục"),
                }
            })?;
        }
        Ok(root)
    }

    fn span_of(&self, index: usize) -> Range<usize> {
        let start = self.text.len() + 1 + index;
        start..start + 1
    }

    fn override_at(&self, span: &Range<usize>) -> Option<usize> {
        let index = span.start.checked_sub(self.text.len() + 1)?;
        (index < self.overrides.len()).then_some(index)
    }

    fn explain(&self, error: &toml::de::Error) -> ConfigError {
        let what = in_vietnamese(error.message());
        match error.span().and_then(|span| self.override_at(&span)) {
            Some(index) => ConfigError::InVariable {
                name: self.overrides[index].name.clone(),
                what,
            },
            None => self.in_file(error.span(), what),
        }
    }

    fn in_file(&self, span: Option<Range<usize>>, what: String) -> ConfigError {
        let before = span.map_or(0, |span| span.start.min(self.text.len()));
        let newlines = self.text.as_bytes()[..before].iter();
        ConfigError::InFile {
            path: self.path.to_owned(),
            line: 1 + newlines.filter(|&&byte| byte == b'\n').count(),
            what,
        }
    }
}

impl Override {
    fn value(&self, as_text: bool, span: &Range<usize>) -> Spanned<DeValue<'_>> {
        let text = || DeValue::String(DeString::Borrowed(&self.text));
        let value = if as_text {
            text()
        } else {
            DeValue::parse(&self.text).map_or_else(|_| text(), Spanned::into_inner)
        };
        placed(value, span)
    }
}

/// `value` and all in it at `span`.
fn placed<'a>(value: DeValue<'a>, span: &Range<usize>) -> Spanned<DeValue<'a>> {
    let value = match value {
        DeValue::Array(items) => {
            let items = items.into_iter();
            DeValue::Array(items.map(|item| placed(item.into_inner(), span)).collect())
        }
        DeValue::Table(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let key = Spanned::new(span.clone(), key.into_inner());
                (key, placed(value.into_inner(), span))
            });
            DeValue::Table(entries.collect())
        }
        plain => plain,
    };
    Spanned::new(span.clone(), value)
}

/// Puts `value` at the path `keys`, making sections as needed; fails with a key on the way
/// that is no section.
fn put<'a>(
    table: &mut DeTable<'a>,
    keys: &'a [String],
    value: Spanned<DeValue<'a>>,
    span: &Range<usize>,
) -> Result<(), String> {
    let Some((key, rest)) = keys.split_first() else {
        return Ok(());
    };
    let name = Spanned::new(span.clone(), DeString::Borrowed(key.as_str()));
    if rest.is_empty() {
        table.remove(key.as_str());
        table.insert(name, value);
        return Ok(());
    }
    let section = table
        .entry(name)
        .or_insert_with(|| Spanned::new(span.clone(), DeValue::Table(DeTable::new())));
    match section.get_mut() {
        DeValue::Table(section) => put(section, rest, value, span),
        _ => Err(key.clone()),
    }
}

fn syntax(error: &toml::de::Error) -> String {
    match error.message() {
        "duplicate key" => "mục này được ghi hai lần; hãy bỏ bớt một".to_owned(),
        other => format!("sai cú pháp TOML ({other})"),
    }
}

/// serde's own complaints in the operator's language. Values are left out: it may be a secret
/// that stands in the wrong place.
fn in_vietnamese(message: &str) -> String {
    if let Some(rest) = message.strip_prefix("missing field ") {
        return format!("thiếu {rest}; hãy thêm vào");
    }
    if let Some((name, expected)) = split(message, "unknown field ") {
        return match choices(expected) {
            Some(choices) => format!("không có mục nào tên {name}; ở đây có: {choices}"),
            None => format!("không có mục nào tên {name}; hãy bỏ đi"),
        };
    }
    if let Some((name, expected)) = split(message, "unknown variant ") {
        let choices = choices(expected).unwrap_or_default();
        return format!("giá trị {name} không dùng được; hãy chọn: {choices}");
    }
    if let Some((found, expected)) = split(message, "invalid type: ") {
        let (found, expected) = (
            type_name(found),
            type_name(expected.trim_start_matches("expected ")),
        );
        return format!("cần {expected}, không phải {found}");
    }
    if let Some((_, expected)) = split(message, "invalid value: ") {
        let expected = type_name(expected.trim_start_matches("expected "));
        return format!("giá trị ngoài phạm vi; cần {expected}");
    }
    message.to_owned()
}

/// What follows `prefix`, parted at the last comma before "expected" or "there are no".
fn split<'a>(message: &'a str, prefix: &str) -> Option<(&'a str, &'a str)> {
    let rest = message.strip_prefix(prefix)?;
    let at = rest
        .rfind(", expected ")
        .or_else(|| rest.rfind(", there are no "))?;
    Some((&rest[..at], &rest[at + 2..]))
}

fn choices(expected: &str) -> Option<String> {
    let names = expected.strip_prefix("expected ")?;
    let names = names.strip_prefix("one of ").unwrap_or(names);
    Some(names.replace("` or `", "`, `"))
}

fn type_name(name: &str) -> &str {
    // serde adds the value found in backticks or quotes.
    let kind = name.split(['`', '"']).next().unwrap_or_default().trim();
    match kind {
        "string" | "a string" | "a borrowed string" => "chuỗi ký tự trong dấu nháy",
        "integer" | "i64" | "i32" => "số nguyên",
        "u8" => "số nguyên từ 0 đến 255",
        "u16" => "số nguyên từ 0 đến 65535",
        "u32" | "u64" | "usize" => "số nguyên không âm",
        "floating point" | "f64" | "f32" => "số thực",
        "boolean" | "a boolean" => "true hoặc false",
        "sequence" | "a sequence" => "danh sách trong ngoặc vuông",
        "map" | "a map" => "một mục có tên",
        _ if kind.starts_with("struct ") => "một mục có tên",
        _ => name,
    }
}

#[cfg(test)]
mod tests;
