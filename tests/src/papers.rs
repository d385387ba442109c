//! Files as offices make them, for stories that send some.

/// A PDF of one page that says `words`, and bears `unseen` where no reader looks, as plain bytes.
pub fn pdf(words: &str, unseen: &str) -> Vec<u8> {
    let codes: String = words
        .encode_utf16()
        .map(|unit| format!("{unit:04X}"))
        .collect();
    let drawn = format!("BT /F1 13 Tf 1 0 0 1 70 800 Tm <{codes}> Tj ET % {unseen}");
    let map = "begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap";
    let map = format!("/CIDInit /ProcSet findresource begin {map} end");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len() + 1),
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X >>] >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len() + 1),
    ];
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = String::new();
    for (index, object) in objects.iter().enumerate() {
        places.push_str(&format!("{:010} 00000 n \n", bytes.len()));
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let (start, size) = (bytes.len(), objects.len() + 1);
    let end = format!(
        "xref\n0 {size}\n0000000000 65535 f \n{places}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    );
    bytes.extend(end.into_bytes());
    bytes
}
