//! `beaconry.toml`: settings by the names of their options.
//!
//! Which settings there are is said once, by the options of `beaconry serve`: each that has a variable
//! too may stand in the file. What stands there becomes the default of the option, so options and
//! variables are above it. Other commands have of it what is the same setting: the same name and variable.

use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use clap::builder::ValueHint;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{ConfigError, is_of_home};

/// A file of settings that was read.
#[derive(Debug)]
pub struct ConfigFile {
    path: PathBuf,
    settings: Vec<Setting>,
    is_open_to_all: bool,
}

/// One setting of the file.
#[derive(Debug)]
struct Setting {
    option: Arg,
    line: usize,
    values: Vec<String>,
}

/// A file of settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// It cannot be read.
    #[error("--config (BEACONRY_CONFIG): takes a file of settings, and {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The one in the working directory cannot be read.
    #[error("{DEFAULT} in the folder that this is run in cannot be read")]
    UnreadableHere(#[source] io::Error),
    /// Something in it is wrong.
    #[error("{}, line {line}: {what}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Where in it.
        line: usize,
        /// What.
        what: String,
    },
}

impl ConfigFile {
    /// Reads the file that was named, else the one in the working directory if there is one.
    ///
    /// # Errors
    /// When it cannot be read, or the first thing in it that is wrong.
    pub fn find(named: Option<&str>, serve: &Command) -> Result<Option<Self>, ConfigFileError> {
        let named = named.filter(|path| !path.is_empty());
        let path = Path::new(named.unwrap_or(DEFAULT));
        match fs::read_to_string(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => Ok(None),
            Err(error) if named.is_none() => Err(ConfigFileError::UnreadableHere(error)),
            Err(source) => Err(ConfigFileError::Unreadable { path: path.to_owned(), source }),
            Ok(text) => Self::read(path, &text, serve).map(Some),
        }
    }

    fn read(path: &Path, text: &str, serve: &Command) -> Result<Self, ConfigFileError> {
        let wrong = |place: Range<usize>, what| {
            let line = line_of(text, place.start);
            ConfigFileError::Wrong { path: path.to_owned(), line, what }
        };
        let table = DeTable::parse(text)
            .map_err(|error| wrong(error.span().unwrap_or_default(), error.message().replace('\n', "; ")))?;
        let mut entries: Vec<_> = table.get_ref().iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut settings = Vec::new();
        for (key, value) in entries {
            let option = option_of(serve, key.get_ref()).map_err(|what| wrong(key.span(), what))?.clone();
            let values = values(&option, value)
                .map_err(|takes| wrong(value.span(), format!("{}: {takes}", key.get_ref())))?;
            let values = values.into_iter().map(|value| from_here(path, &option, value)).collect();
            settings.push(Setting { line: line_of(text, key.span().start), values, option });
        }
        let is_open_to_all = fs::metadata(path).is_ok_and(|file| file.mode() & READ_BY_ALL != 0);
        Ok(Self { path: path.to_owned(), settings, is_open_to_all })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes what it says the defaults of the options of all commands.
    pub fn as_defaults(&self, command: Command) -> Command {
        command.mut_subcommands(|command| command.mut_args(|option| self.as_default(option)))
    }

    fn as_default(&self, option: Arg) -> Arg {
        match self.settings.iter().find(|setting| is_same(&setting.option, &option)) {
            Some(setting) => option.default_values(setting.values.clone()),
            None => option,
        }
    }

    /// A setting that is wrong, told as what stands in this file; `None` if it came from elsewhere.
    pub(crate) fn blame(&self, error: &ConfigError, matches: &ArgMatches) -> Option<ConfigFileError> {
        let is_used = |option: &Arg| {
            let id = option.get_id().as_str();
            let is_known = matches.try_contains_id(id).is_ok();
            is_known && matches.value_source(id) == Some(ValueSource::DefaultValue)
        };
        let of_name = |setting: &&Setting| name(&setting.option) == error.option();
        let setting = self.settings.iter().find(of_name).filter(|setting| is_used(&setting.option))?;
        let what = format!("{}: {}", error.option(), error.complaint());
        Some(ConfigFileError::Wrong { path: self.path.clone(), line: setting.line, what })
    }

    /// The secret that stands in it for everybody on this machine to read.
    pub(crate) fn open_secret(&self) -> Option<&str> {
        let mut options = self.settings.iter().map(|setting| &setting.option);
        let secret = options.find(|option| option.is_hide_env_values_set())?;
        self.is_open_to_all.then(|| name(secret))
    }
}

/// Whether two options are one setting. A `--token` of another command may be another key.
fn is_same(one: &Arg, other: &Arg) -> bool {
    one.get_id() == other.get_id() && one.get_env() == other.get_env()
}

fn name(option: &Arg) -> &str {
    option.get_long().unwrap_or_default()
}

fn option_of<'c>(serve: &'c Command, key: &str) -> Result<&'c Arg, String> {
    let mut settings = serve.get_arguments().filter(|option| option.get_env().is_some());
    settings.find(|option| name(option) == key).ok_or_else(|| {
        let meant = meant(serve, key).map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        format!("{key:?} is no setting; {meant}see beaconry serve --help")
    })
}

/// The setting whose variable this is, or whose name is like it.
fn meant<'c>(serve: &'c Command, key: &str) -> Option<&'c str> {
    let settings = || serve.get_arguments().filter(|option| option.get_env().is_some());
    let of_variable = settings().find(|option| option.get_env().is_some_and(|variable| variable == key));
    let likeness = |option: &&Arg| strsim::jaro(name(option), key);
    let like = || settings().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    of_variable.or_else(|| like().filter(|option| likeness(option) > LIKE)).map(name)
}

/// The texts that the option would get on a command line, or what it takes instead.
fn values(option: &Arg, value: &Spanned<DeValue<'_>>) -> Result<Vec<String>, String> {
    let value = value.get_ref();
    let (is_right, takes) = match option.get_action() {
        ArgAction::SetTrue => (value.is_bool(), "true or false"),
        ArgAction::Append => (is_one(value) || value.is_array(), "a text, or a list of texts"),
        _ => (is_one(value), "a text or a number"),
    };
    let wrong = |got: &DeValue<'_>| format!("takes {takes}, got a value of the type {}", got.type_str());
    if !is_right {
        return Err(wrong(value));
    }
    let one = |value: &DeValue<'_>| text(value).ok_or_else(|| wrong(value));
    let many = |values: &DeArray<'_>| values.iter().map(|value| one(value.get_ref())).collect();
    value.as_array().map_or_else(|| one(value).map(|text| vec![text]), many)
}

fn is_one(value: &DeValue<'_>) -> bool {
    value.is_str() || value.is_integer() || value.is_float()
}

fn text(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        // One that is too large for any setting is told by the setting.
        DeValue::Integer(number) => Some(
            i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |number| number.to_string()),
        ),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(is_on) => Some(is_on.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// A path counts from the folder of the file, wherever the command is run.
fn from_here(file: &Path, option: &Arg, value: String) -> String {
    let is_path = matches!(option.get_value_hint(), ValueHint::FilePath | ValueHint::DirPath);
    let is_from_here = is_path && !value.is_empty() && !is_of_home(&value);
    match file.parent().filter(|_| is_from_here).map(|folder| folder.join(&value)) {
        Some(path) => path.to_str().map_or(value, str::to_owned),
        None => value,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

const DEFAULT: &str = "beaconry.toml";
const READ_BY_ALL: u32 = 0o004;

/// How like two names are if one was meant by the other: as clap has it.
const LIKE: f64 = 0.7;

#[cfg(test)]
mod tests {
    use super::*;

    fn serve() -> Command {
        Command::new("serve").args([
            Arg::new("listen").long("listen").env("LISTEN"),
            Arg::new("token").long("token").env("TOKEN").hide_env_values(true),
            Arg::new("retention_days").long("retention-days").env("DAYS"),
            Arg::new("data").long("data").env("DATA").value_hint(ValueHint::DirPath),
            Arg::new("allow_origin").long("allow-origin").env("ORIGINS").action(ArgAction::Append),
            Arg::new("login").long("login").env("LOGIN").action(ArgAction::SetTrue),
            Arg::new("once").long("once"),
        ])
    }

    fn read(text: &str) -> Result<ConfigFile, String> {
        ConfigFile::read(Path::new("/etc/b.toml"), text, &serve()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_stands_there_is_the_default_of_all_who_have_the_option() {
        let text = "listen = \"a\"\nretention-days = 1_0\nallow-origin = [\"x\", \"y\"]\nlogin = true\n\
            data = \"d\"";
        let others = Arg::new("token").long("token").env("OTHER_TOKEN");
        let pull = Command::new("pull").arg(others).arg(Arg::new("data").long("data").env("DATA"));
        let command = Command::new("b").subcommands([serve(), pull]);
        let command = read(&format!("token = \"t\"\n{text}")).unwrap().as_defaults(command);
        let of = |words: &[&str]| {
            let (_, matches) =
                command.clone().try_get_matches_from(words).unwrap().remove_subcommand().unwrap();
            move |id: &str| {
                let values = matches.get_raw(id).into_iter().flatten();
                values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
            }
        };
        let served = of(&["b", "serve", "--listen", "here"]);
        for (id, values) in [
            ("listen", &["here"][..]),
            ("retention_days", &["10"]),
            ("allow_origin", &["x", "y"]),
            ("login", &["true"]),
            ("data", &["/etc/d"]),
            ("token", &["t"]),
        ] {
            assert_eq!(served(id), values, "{id}");
        }
        let pulled = of(&["b", "pull"]);
        assert_eq!((pulled("data"), pulled("token")), (vec!["/etc/d".to_owned()], vec![]));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_what_is_taken() {
        for (text, parts) in [
            ("\n\nretention_days = 1", &["line 3", "\"retention_days\"", "did you mean retention-days?"][..]),
            ("DAYS = 1", &["line 1", "\"DAYS\"", "did you mean retention-days?"]),
            ("once = 1", &["\"once\" is no setting"]),
            ("[serve]\nlisten = \"a\"", &["line 1", "\"serve\" is no setting; see beaconry serve --help"]),
            ("listen = true", &["listen: takes a text or a number, got", "boolean"]),
            ("listen = [\"a\"]", &["listen: takes a text or a number, got", "array"]),
            ("token = 2020-01-01", &["token: takes a text or a number", "datetime"]),
            ("login = \"yes\"", &["login: takes true or false", "string"]),
            ("allow-origin = [[1]]", &["allow-origin: takes a text, or a list of texts", "array"]),
            ("listen = \"a\"\nlisten = \"b\"", &["line 2", "duplicate key"]),
            ("\nlisten = a", &["line 2"]),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.starts_with("/etc/b.toml, line ") && !message.contains('\n'), "{message}");
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }
}
