//! Landlock: which files, folders and ports.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, PathFd, PathFdError, Ruleset,
    RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::SandboxError;
use super::needs::Needs;

/// What is limited, as far as a kernel can. Its rights are those that were tried; newer kernels have more.
const ABI: ABI = ABI::V6;

/// Limits this thread and those that it starts. What to say of it.
pub(super) fn restrict(needs: &Needs) -> Result<String, SandboxError> {
    let status = rules(needs).and_then(RulesetCreated::restrict_self);
    let status = status.map_err(|error| SandboxError::Files(Box::new(error)))?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(SandboxError::NoLandlock),
        RulesetStatus::PartiallyEnforced => {
            Ok(format!("{} paths, as far as this kernel's Landlock goes", count(needs)))
        }
        RulesetStatus::FullyEnforced => Ok(format!("{} paths", count(needs))),
    }
}

fn count(needs: &Needs) -> usize {
    needs.read.len() + needs.sockets.len() + needs.replaced.len()
}

fn rules(needs: &Needs) -> Result<RulesetCreated, RulesetError> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI))?
        .handle_access(AccessNet::from_all(ABI))?
        .scope(Scope::from_all(ABI))?
        .create()?;
    for path in &needs.read {
        rules = grant(rules, path, AccessFs::ReadFile.into())?;
    }
    // A folder is opened to lock it while a socket is made or removed.
    let sockets = AccessFs::MakeSock | AccessFs::RemoveFile | AccessFs::ReadDir;
    for folder in &needs.sockets {
        rules = grant(rules, folder, sockets)?;
    }
    let replaced = AccessFs::ReadFile
        | AccessFs::WriteFile
        | AccessFs::ReadDir
        | AccessFs::RemoveFile
        | AccessFs::MakeReg
        | AccessFs::Truncate;
    for folder in &needs.replaced {
        rules = grant(rules, folder, replaced)?;
    }
    if let Some(port) = needs.port {
        rules = rules.add_rule(NetPort::new(port, AccessNet::BindTcp))?;
    }
    Ok(rules)
}

/// Grants these rights, as far as the kernel knows them. What is not there cannot be granted: whoever wants it will say so.
fn grant(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    match PathFd::new(path) {
        Ok(there) => rules.add_rule(PathBeneath::new(there, access)),
        Err(PathFdError::OpenCall { source, .. }) => {
            tracing::debug!("sandbox: nothing is granted of {}: {source}", path.display());
            Ok(rules)
        }
        Err(_) => Ok(rules),
    }
}
