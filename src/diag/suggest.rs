/// The candidate that `written` was most likely meant to be, if any is close: the edit distance is at most a third of
/// the longer word, and letters in another case count as nothing. Ties go to the candidate that comes first. Otherwise
/// the only one that begins so, for words that are remembered halfway.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_lowercase();
    let mut best: Option<(usize, &str)> = None;
    let mut beginning: Vec<&str> = Vec::new();
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let longest = written.chars().count().max(lower.chars().count());
        let limit = best.map_or(longest / 3, |(distance, _)| distance.saturating_sub(1)).max(usize::from(longest > 2 && best.is_none()));
        let distance = if same_words(&written, &lower) { 0 } else { distance(&written, &lower) };
        if distance <= limit && best.is_none_or(|(known, _)| distance < known) {
            best = Some((distance, candidate));
        }
        if written.len() >= 4 && lower.starts_with(&written) && !beginning.contains(&candidate) {
            beginning.push(candidate);
        }
    }
    let only = <[&str; 1]>::try_from(beginning).ok().map(|[only]| only);
    best.map(|(_, candidate)| candidate).or(only)
}

/// `git_clone`, `gitClone` and `git-clone` are one word to somebody who comes from elsewhere.
fn same_words(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    letters(a) == letters(b)
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&row, j) + usize::from(from != *to)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let swapped = j > 0 && last == Some(*to) && b.get(j - 1) == Some(&from);
            if swapped && i > 0 {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        last = Some(from);
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_word_that_was_meant() {
        let steps = ["git-clone", "git-clear", "git-commit", "git-push"];
        assert_eq!(nearest("git-clon", steps), Some("git-clone"));
        assert_eq!(nearest("gitCommit", steps), Some("git-commit"));
        assert_eq!(nearest("git-psuh", steps), Some("git-push"));
        assert_eq!(nearest("helm-template", steps), None);
        assert_eq!(nearest("prd", ["test", "prod"]), Some("prod"));
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("autoPromotion", ["shard", "autoPromotionEnabled"]), Some("autoPromotionEnabled"));
        assert_eq!(nearest("autoPromotion", ["autoPromotionEnabled", "autoPromotionOptions"]), None);
    }
}
