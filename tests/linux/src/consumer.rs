//! Devices of the module in `tests/linux/consumer`, which use what the board gives.

use anyhow::{Context, Result, ensure};
use scmi_test_kit::{Guest, Output};

/// A device that [`scmi_test_kit::GuestBuilder::consumer`] put into the guest, by its files.
#[derive(Clone, Debug)]
pub struct Consumer {
    name: String,
}

impl Consumer {
    /// The device of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    /// Reads one of its files.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self, guest: &mut Guest, file: &str) -> Result<String> {
        guest.ok(&format!("cat {}", self.path(file)))
    }

    /// Reads one of its files that has a number in it.
    ///
    /// # Errors
    /// When it cannot be read, or has something else.
    pub fn number(&self, guest: &mut Guest, file: &str) -> Result<u64> {
        let text = self.read(guest, file)?;
        text.parse().with_context(|| format!("{} has {text:?}", self.path(file)))
    }

    /// Writes to one of its files.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn write(&self, guest: &mut Guest, file: &str, value: impl ToString) -> Result<()> {
        guest.ok(&self.writing(file, &value.to_string())).map(drop)
    }

    /// Reads one of its files, which must fail, and gives the kernel's error in words: `Invalid argument`.
    ///
    /// # Errors
    /// When it can be read.
    pub fn unreadable(&self, guest: &mut Guest, file: &str) -> Result<String> {
        error(&guest.run(&format!("cat {}", self.path(file)))?)
    }

    /// Writes to one of its files, which must fail, and gives the kernel's error in words.
    ///
    /// # Errors
    /// When it succeeds.
    pub fn refused(&self, guest: &mut Guest, file: &str, value: impl ToString) -> Result<String> {
        error(&guest.run(&self.writing(file, &value.to_string()))?)
    }

    /// Takes the driver from the device, or gives it back.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn bind(&self, guest: &mut Guest, bind: bool) -> Result<()> {
        guest.ok(&self.binding(bind)).map(drop)
    }

    /// Gives the driver back to the device, which must fail, and gives the kernel's error in words.
    ///
    /// # Errors
    /// When it succeeds.
    pub fn refused_to_bind(&self, guest: &mut Guest) -> Result<String> {
        error(&guest.run(&self.binding(true))?)
    }

    /// Whether the driver has the device.
    ///
    /// # Errors
    /// When the guest does not answer.
    pub fn is_bound(&self, guest: &mut Guest) -> Result<bool> {
        let found = guest.run(&format!("[ -e {}/{} ]", DRIVER, self.name))?;
        Ok(found.status == 0)
    }

    /// Where one of its files is in the guest.
    #[must_use]
    pub fn path(&self, file: &str) -> String {
        format!("/sys/kernel/debug/scmi-consumer/{}/{file}", self.name)
    }

    fn writing(&self, file: &str, value: &str) -> String {
        format!("echo '{value}' > {}", self.path(file))
    }

    fn binding(&self, bind: bool) -> String {
        format!("echo {} > {DRIVER}/{}", self.name, if bind { "bind" } else { "unbind" })
    }
}

const DRIVER: &str = "/sys/bus/platform/drivers/scmi-consumer";

/// What a shell says last when a system call fails is the error.
fn error(output: &Output) -> Result<String> {
    ensure!(output.status != 0, "it succeeded, and printed {:?}", output.text);
    let words = output.text.trim_end().rsplit_once(": ");
    Ok(words.with_context(|| format!("no error in {:?}", output.text))?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_what_stands_last() {
        let said = |text: &str, status| Output { text: text.to_owned(), status };
        let refused = error(&said("sh: write error: Invalid argument\n", 1)).unwrap();
        assert_eq!(refused, "Invalid argument");
        assert!(error(&said("", 0)).is_err(), "it succeeded");
    }
}
