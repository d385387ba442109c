//! Screening from the command line: what is found in files, how good the rules are, another set of rules.

use super::{Action, Known, Piece, Place, RuleSet, corpus, rule_sets, screen, words_of_file};
use crate::audit;
use crate::cli::Place as SitePlace;
use crate::site::Site;
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};

/// What can be done about screening.
#[derive(Clone, Debug, Subcommand)]
pub enum ScreeningCommand {
    /// Xem quy tắc thấy gì trong các tệp; không lưu gì
    Check(CheckArgs),
    /// In độ chính xác và độ phủ của từng quy tắc trên bộ ví dụ kèm theo
    Report(RulesArgs),
    /// Dùng một bộ quy tắc mới cho trang; bộ cũ được giữ lại để đối chiếu
    Use(UseArgs),
    /// Cho biết trang đang dùng bộ quy tắc nào
    Version(SitePlace),
}

/// Which files, by which rules.
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    /// Các tệp
    #[arg(required = true, value_name = "TỆP")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    rules: RulesArgs,
}

/// By which rules.
#[derive(Args, Clone, Debug)]
pub struct RulesArgs {
    /// Tệp TOML chứa bộ quy tắc; bỏ trống: bộ kèm theo chương trình
    #[arg(long, value_name = "TỆP")]
    rules: Option<PathBuf>,
}

/// Which rules, for which site.
#[derive(Args, Clone, Debug)]
pub struct UseArgs {
    #[command(flatten)]
    place: SitePlace,
    /// Tệp TOML chứa bộ quy tắc
    #[arg(value_name = "TỆP")]
    rules: PathBuf,
}

impl ScreeningCommand {
    /// The folder of the site it is about; none where no site is needed.
    pub fn dir(&self) -> Option<&Path> {
        match self {
            Self::Check(_) | Self::Report(_) => None,
            Self::Use(args) => Some(&args.place.dir),
            Self::Version(place) => Some(&place.dir),
        }
    }

    /// Does what needs no site; whether it did.
    pub fn run_alone(&self) -> anyhow::Result<bool> {
        match self {
            Self::Check(args) => check(args).map(|()| true),
            Self::Report(args) => report(args).map(|()| true),
            Self::Use(_) | Self::Version(_) => Ok(false),
        }
    }

    /// Does what is about `site`.
    pub async fn run(&self, site: &Site) -> anyhow::Result<()> {
        match self {
            Self::Use(args) => {
                let body = read(&args.rules)?;
                let rules = rule_sets::give(site, body, "dòng lệnh".to_owned())
                    .await
                    .map_err(in_words)?;
                let subject = audit::Subject::none();
                audit::at_the_machine(site, audit::Action::ScreeningRules, subject).await?;
                println!("Trang dùng bộ quy tắc {} từ bây giờ.", rules.label());
            }
            Self::Version(_) => {
                let rules = rule_sets::current(site.db.reader())
                    .await
                    .map_err(anyhow::Error::new)?;
                println!(
                    "Bộ quy tắc: {}, có hiệu lực từ {}",
                    rules.label(),
                    rules.valid_from.format("%d/%m/%Y")
                );
            }
            Self::Check(_) | Self::Report(_) => {}
        }
        Ok(())
    }
}

/// What is to be mended, and not only that something is.
fn in_words(error: crate::error::Error) -> anyhow::Error {
    match error {
        crate::error::Error::Invalid(fields) => {
            let words: Vec<String> = fields.into_iter().map(|field| field.message).collect();
            anyhow::anyhow!(words.join(" "))
        }
        other => anyhow::Error::new(other),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("không đọc được {}", file.display()))
}

impl RulesArgs {
    fn load(&self) -> anyhow::Result<std::sync::Arc<RuleSet>> {
        match &self.rules {
            Some(file) => Ok(std::sync::Arc::new(RuleSet::parse(&read(file)?)?)),
            None => Ok(RuleSet::built_in()),
        }
    }
}

fn check(args: &CheckArgs) -> anyhow::Result<()> {
    let rules = args.rules.load()?;
    let mut blocked = 0;
    for file in &args.files {
        let bytes =
            std::fs::read(file).with_context(|| format!("không đọc được {}", file.display()))?;
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let words = words_of_file(&bytes);
        let mut pieces = vec![
            Piece::new(Place::FileName(name.clone()), &name),
            Piece::new(Place::File(name.clone()), words.text),
        ];
        pieces.extend(
            words
                .names
                .into_iter()
                .map(|name| Piece::new(Place::FileName(name.clone()), name)),
        );
        let found = screen(&rules, &Known::default(), &pieces);
        println!("{}", file.display());
        if let Some(unread) = words.unread {
            println!("  G0 Không đọc hết được chữ: {}", unread.in_words());
        }
        for finding in &found {
            println!(
                "  {} {} ({}): {}, dòng {}: {}",
                finding.rule,
                finding.name,
                finding.action.label(),
                finding.place.label(),
                finding.line,
                finding.excerpt.trim()
            );
        }
        if found.is_empty() && words.unread.is_none() {
            println!("  không thấy gì");
        }
        blocked += usize::from(found.iter().any(|finding| finding.action == Action::Block));
    }
    if blocked > 0 {
        bail!("{blocked} tệp có dấu chỉ độ mật: không được đưa lên máy nối mạng");
    }
    Ok(())
}

fn report(args: &RulesArgs) -> anyhow::Result<()> {
    let rules = args.load()?;
    let report = corpus::report(&rules)?;
    println!(
        "Bộ quy tắc {}; {} ví dụ tự soạn",
        rules.label(),
        report.cases
    );
    println!(
        "{:<5} {:>6} {:>6} {:>6} {:>12} {:>8}",
        "", "đúng", "nhầm", "sót", "chính xác", "phủ"
    );
    for (code, score) in &report.scores {
        println!(
            "{code:<5} {:>6} {:>6} {:>6} {:>11.1}% {:>7.1}%",
            score.right,
            score.wrong,
            score.missed,
            100.0 * score.precision(),
            100.0 * score.recall()
        );
    }
    for mistake in &report.mistakes {
        println!("- {mistake}");
    }
    println!(
        "Sàng lọc là lưới đỡ, không phải sự bảo đảm: nó nhận ra dấu và dãy số, không biết điều gì là mật."
    );
    Ok(())
}
