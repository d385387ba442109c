//! The command `verify`: the signed original of an entry, kept as a file, held against the keys this site
//! knows or against one that is named.

use super::in_words;
use super::judge::{KeyFound, Verdict, judge};
use super::original::{LARGEST, Original, Paper};
use crate::directory::{Cover, Directory, KnownKey, Purpose, SiteDescription, site_record};
use crate::log::keys::{KeyId, PublicKey};
use crate::site::Site;
use crate::{units, vietnamese};
use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Which file is verified, and with whose keys.
#[derive(Args, Clone, Debug)]
pub struct VerifyArgs {
    /// Tệp: bản gốc có chữ ký tải từ trang xác minh, hoặc tệp của một bài trong bản lưu trữ (entries/…)
    #[arg(value_name = "TỆP")]
    file: PathBuf,
    /// Thư mục dữ liệu của trang có danh sách khóa
    #[arg(
        long,
        env = "LIEN_CONG_DIR",
        value_name = "THƯ MỤC",
        required_unless_present = "key"
    )]
    dir: Option<PathBuf>,
    /// Chỉ tin khóa này, không dùng dữ liệu của trang nào: mã khóa, hoặc khóa công khai (x của JWK)
    #[arg(long, value_name = "MÃ KHÓA", allow_hyphen_values = true)]
    key: Option<String>,
}

/// Who signed, by name.
struct Signer {
    unit: String,
    site: String,
    /// Whether it speaks for a portal that cannot sign for itself.
    attests: bool,
}

impl VerifyArgs {
    /// The folder of the site whose keys are to be used; none if a key is named.
    pub fn dir(&self) -> Option<&Path> {
        match self.key {
            Some(_) => None,
            None => self.dir.as_deref(),
        }
    }

    /// Verifies the file with the keys `site` knows, or with the one that was named. Fails unless every
    /// letter is as it was signed.
    pub async fn run(&self, site: Option<&Site>) -> anyhow::Result<()> {
        let original = Original::read(&read(&self.file)?)?;
        let said = match (&self.key, site) {
            (Some(key), _) => with_key(&original, &pinned(key, &original, &self.file)?),
            (None, Some(site)) => with_site(&original, site).await?,
            (None, None) => bail!("cần --dir hoặc --key"),
        };
        for line in &said.lines {
            println!("{line}");
        }
        if !original.unsigned.is_empty() {
            println!(
                "Ngoài phần được ký, tệp còn có: {}. Chữ ký không nói gì về phần đó.",
                printable(&original.unsigned.join(", "))
            );
        }
        said.conclude()
    }
}

/// What is told of a file, and what it comes to.
struct Told {
    lines: Vec<String>,
    verdicts: Vec<Verdict>,
}

impl Told {
    /// The newest must be whole; of earlier ones the words may have been erased.
    fn conclude(&self) -> anyhow::Result<()> {
        let is_bad =
            |verdict: &&Verdict| !matches!(verdict, Verdict::Authentic | Verdict::WordsGone);
        match (self.verdicts.iter().find(is_bad), self.verdicts.first()) {
            (Some(Verdict::Changed), _) => bail!("KHÔNG ĐÚNG: tệp đã bị thay đổi so với khi ký"),
            (Some(Verdict::KeyRevoked), _) => {
                bail!(
                    "KHÔNG TIN ĐƯỢC: khóa ký đã bị thu hồi, bài ký bằng khóa đó không còn giá trị"
                )
            }
            (Some(_), _) => bail!("KHÔNG XÁC MINH ĐƯỢC: không rõ ai đã ký"),
            (None, Some(Verdict::WordsGone)) => {
                bail!("KHÔNG CÒN LỜI VĂN: chữ ký đúng, nhưng tệp không có lời văn để so sánh")
            }
            (None, _) => {
                println!("ĐÚNG: chữ ký hợp lệ, không một chữ nào bị thay đổi.");
                Ok(())
            }
        }
    }
}

/// Reads the file, and no more of it than any original has.
fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let file = File::open(path).with_context(|| format!("không mở được {}", path.display()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("không đọc được {}", path.display()))?;
    ensure!(
        bytes.len() as u64 <= LARGEST,
        "tệp lớn hơn {}; bản gốc của một bài không lớn đến thế",
        vietnamese::bytes(LARGEST)
    );
    Ok(bytes)
}

/// The key that was named: one that lies with the file and has this name, or the key itself. What lies with
/// the file is not believed by that: the name of a key is a digest of it.
fn pinned(named: &str, original: &Original, file: &Path) -> anyhow::Result<PublicKey> {
    let named = named.trim();
    let id: KeyId = named.parse().ok().with_context(|| {
        format!("{named} không phải là mã khóa: mã khóa có 43 chữ, số, gạch nối, gạch dưới")
    })?;
    let told = original.sites.iter().flat_map(|site| &site.keys);
    let mut candidates: Vec<PublicKey> = told.map(|told| told.key).collect();
    candidates.extend(keys_of_archive(file));
    if let Some(key) = candidates.into_iter().find(|key| key.id() == id) {
        return Ok(key);
    }
    let itself = URL_SAFE_NO_PAD
        .decode(named)
        .ok()
        .and_then(|bytes| PublicKey::from_slice(&bytes).ok());
    let signed_with_it = |key: &PublicKey| {
        let mut papers = original.papers.iter();
        papers.any(|paper| paper.signed.header.key == key.id())
    };
    itself.filter(signed_with_it).with_context(|| {
        format!(
            "không có khóa công khai mang mã {named} trong tệp này (hay trong keys.json của bản lưu trữ); hãy ghi chính khóa công khai (x của JWK) sau --key"
        )
    })
}

/// The keys of the archive the file lies in, if it lies in one.
fn keys_of_archive(file: &Path) -> Vec<PublicKey> {
    let Some(folder) = file.parent().and_then(Path::parent) else {
        return Vec::new();
    };
    let path = folder.join(crate::archive::layout::KEYS);
    let keys = read(&path).ok().and_then(|bytes| {
        serde_json::from_slice::<Vec<crate::archive::layout::KeyHistory>>(&bytes).ok()
    });
    keys.into_iter().flatten().map(|known| known.key).collect()
}

/// Against one key alone: nothing is known of whose it is, nor whether it was taken out of use.
fn with_key(original: &Original, key: &PublicKey) -> Told {
    let mut told = Told {
        lines: Vec::new(),
        verdicts: Vec::new(),
    };
    for paper in &original.papers {
        let header = &paper.signed.header;
        let known = KnownKey {
            site_id: header.site,
            public: *key,
            purpose: Purpose::Site,
            valid_from: 0,
            valid_to: None,
            revoked_at: None,
            cover: Cover::default(),
        };
        let is_it = header.key == key.id();
        let findings = judge(&paper.signed, is_it.then_some(&known), &paper.words);
        let about_key = match findings.key {
            KeyFound::Unknown => format!("Ký bằng khóa khác ({})", header.key),
            _ => "Đúng là khóa đã ghi ở --key".to_owned(),
        };
        told.add(paper, &signer_told(original, paper), about_key, findings);
    }
    told.lines.push(
        "Tên đơn vị và tên trang ở trên là lời của tệp. Khóa là của ai: hãy đối chiếu mã khóa với danh sách khóa của tỉnh (/.well-known/lien-cong/keys). Khóa còn dùng hay đã bị thu hồi: lệnh này không biết khi chỉ có --key."
            .to_owned(),
    );
    told
}

/// Against the keys `site` knows.
async fn with_site(original: &Original, site: &Site) -> anyhow::Result<Told> {
    let db = site.db.reader();
    let ids: Vec<KeyId> = original
        .papers
        .iter()
        .map(|paper| paper.signed.header.key)
        .collect();
    let directory = Directory::load(db, &ids).await?;
    let mut told = Told {
        lines: Vec::new(),
        verdicts: Vec::new(),
    };
    for paper in &original.papers {
        let known = directory.key(&paper.signed.header.key);
        let findings = judge(&paper.signed, known, &paper.words);
        let signer = signer_known(site, paper.signed.header.site, paper.signed.header.unit).await?;
        told.add(paper, &signer, in_words::key(findings.key, known), findings);
    }
    Ok(told)
}

impl Told {
    fn add(
        &mut self,
        paper: &Paper,
        signer: &Signer,
        about_key: String,
        findings: super::Findings,
    ) {
        let header = &paper.signed.header;
        let mut line = |name: &str, value: &str| {
            self.lines.push(format!("{name}: {}", printable(value)));
        };
        line(
            &format!("Bản {}", header.rev),
            &format!(
                "{}, ký lúc {} (giờ của trang ký)",
                in_words::kind(header.kind),
                vietnamese::date_time(header.time)
            ),
        );
        if let Some(title) = &paper.title {
            line("  Tiêu đề", title);
        }
        line("  Đơn vị", &signer.unit);
        line("  Trang ký", &signer.site);
        if signer.attests {
            line(
                "  Lưu ý",
                "trang ký đọc bài này từ trang của đơn vị và ký thay; trang của đơn vị không tự ký",
            );
        }
        line("  Mã khóa", &header.key.to_string());
        line("  Khóa", &about_key);
        line("  Chữ ký", in_words::signature(findings.signature));
        line("  Lời văn", in_words::words(findings.words));
        self.verdicts.push(findings.verdict());
    }
}

/// Who signed, as the file says.
fn signer_told(original: &Original, paper: &Paper) -> Signer {
    let header = &paper.signed.header;
    let told = original.sites.iter().find(|told| told.site == header.site);
    let name = |told: &SiteDescription| {
        let mut names = told.unit.attributes.iter();
        let name = names.find(|attribute| attribute.name == units::Name::Name);
        name.map(|attribute| attribute.value.clone())
    };
    Signer {
        unit: told
            .filter(|told| told.unit.id == header.unit)
            .and_then(name)
            .unwrap_or_else(|| header.unit.to_string()),
        site: match told {
            Some(told) => format!("{} ({})", told.title, told.base_url),
            None => header.site.to_string(),
        },
        attests: told.is_some_and(|told| told.unit.id != header.unit),
    }
}

/// Who signed, as `here` knows.
async fn signer_known(here: &Site, site: Uuid, unit: Uuid) -> anyhow::Result<Signer> {
    let db = here.db.reader();
    let known = site_record::find(db, site).await?;
    let today = vietnamese::local(here.clock.now()).date_naive();
    let tree = units::some_on(db, today, &[unit]).await?;
    Ok(Signer {
        unit: tree.name_of(unit),
        attests: known.as_ref().is_some_and(|known| known.unit_id != unit),
        site: match known {
            Some(known) => format!("{} ({})", known.title, known.base_url),
            None => site.to_string(),
        },
    })
}

/// Without what a terminal would take for an order.
fn printable(text: &str) -> String {
    text.chars()
        .map(|letter| match letter.is_control() {
            true => ' ',
            false => letter,
        })
        .collect()
}
