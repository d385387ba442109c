//! What both commands share: how they end, and how they show long work.

use clap::Args;
use std::future::Future;
use std::path::PathBuf;
use std::process::ExitCode;

/// The folder a command works on.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// Thư mục dữ liệu
    #[arg(long, env = "LIEN_CONG_DIR", value_name = "THƯ MỤC")]
    pub dir: PathBuf,
}

/// Runs a command; an error is told in one paragraph, causes last, and makes the exit code 1.
pub async fn run(command: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    crate::http_client::install_crypto();
    match command.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("Lỗi: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  vì: {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Asks a yes-or-no question at the terminal. Whoever cannot be asked has not said yes.
pub fn confirm(question: &str) -> std::io::Result<bool> {
    use std::io::Write;
    print!("{question} [c/K] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    let answer = crate::vietnamese::fold(answer.trim());
    Ok(matches!(answer.as_str(), "c" | "co" | "y" | "yes"))
}

/// Aligned columns for people: the widest cell of each column sets its width.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(head[column].chars().count())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| {
                format!(
                    "{cell}{}",
                    " ".repeat(width.saturating_sub(cell.chars().count()))
                )
            })
            .collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    let mut text = line(head.to_vec());
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_by_letters_not_bytes() {
        let rows = vec![
            vec!["Đăk Kôi".to_owned(), "Trực tuyến".to_owned()],
            vec!["Kon Braih".to_owned(), "Mới".to_owned()],
        ];
        assert_eq!(
            table(&["Đơn vị", "Trạng thái"], &rows),
            "Đơn vị     Trạng thái\nĐăk Kôi    Trực tuyến\nKon Braih  Mới\n"
        );
    }
}
