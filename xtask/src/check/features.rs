//! Every subset of the features of every library and program.

use core::fmt;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// More features than this make too many subsets; then pairs must do, which is another check.
const MOST: usize = 6;

/// A package with some of its features and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subset {
    package: String,
    targets: &'static str,
    features: Vec<String>,
}

impl Subset {
    /// For `cargo clippy`: the library or the program alone, with these features, no warning.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let words =
            ["--package", &self.package, self.targets, "--no-default-features", "--features"];
        let features = self.features.join(",");
        let all = words.into_iter().chain([features.as_str(), "--", "-D", "warnings"]);
        all.map(str::to_owned).collect()
    }
}

impl fmt::Display for Subset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with [{}]", self.package, self.features.join(", "))
    }
}

/// The subsets, from what `cargo metadata` says of the packages of the workspace that have features.
pub(crate) fn subsets(metadata: &Value) -> Result<Vec<Subset>> {
    let packages = metadata.get("packages").and_then(Value::as_array);
    let mut all = Vec::new();
    for package in packages.context("cargo metadata has no packages")? {
        let name = package.get("name").and_then(Value::as_str).context("a package has no name")?;
        let features = package.get("features").and_then(Value::as_object);
        let features = features.into_iter().flatten().map(|(feature, _)| feature.as_str());
        let features: Vec<&str> = features.filter(|feature| *feature != "default").collect();
        ensure!(
            features.len() <= MOST,
            "{name} has {} features: too many to try all subsets",
            features.len()
        );
        if let Some(targets) = targets(package).filter(|_| !features.is_empty()) {
            all.extend(power_set(&features).into_iter().map(|features| Subset {
                package: name.to_owned(),
                targets,
                features: features.into_iter().map(str::to_owned).collect(),
            }));
        }
    }
    Ok(all)
}

/// What there is to look at of a package: its library, or otherwise its programs.
fn targets(package: &Value) -> Option<&'static str> {
    let targets = package.get("targets").and_then(Value::as_array).into_iter().flatten();
    let kinds = targets.filter_map(|target| target.get("kind")?.as_array()).flatten();
    let kinds: Vec<&str> = kinds.filter_map(Value::as_str).collect();
    let of = |kind: &str, targets| kinds.contains(&kind).then_some(targets);
    of("lib", "--lib").or_else(|| of("bin", "--bins"))
}

fn power_set<'item>(items: &[&'item str]) -> Vec<Vec<&'item str>> {
    items.iter().fold(vec![vec![]], |sets, item| {
        let with = sets.iter().map(|set| set.iter().copied().chain([*item]).collect());
        let with: Vec<Vec<&str>> = with.collect();
        sets.into_iter().chain(with).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_subset_of_a_library_and_of_a_program() -> Result<()> {
        let lib = json!([{ "kind": ["lib"] }, { "kind": ["test"] }]);
        let bin = json!([{ "kind": ["bin"] }]);
        let metadata = json!({ "packages": [
            { "name": "both", "features": { "default": ["a"], "a": [], "b": [] }, "targets": lib },
            { "name": "plain", "features": {}, "targets": lib },
            { "name": "tool", "features": { "a": [] }, "targets": bin },
            { "name": "tests", "features": { "a": [] }, "targets": json!([{ "kind": ["test"] }]) },
        ] });
        let names: Vec<String> = subsets(&metadata)?.iter().map(Subset::to_string).collect();
        let both = ["both with []", "both with [a]", "both with [b]", "both with [a, b]"];
        assert_eq!(names, [&both[..], &["tool with []", "tool with [a]"]].concat());
        Ok(())
    }
}
