//! What a sensor measures, and in which unit.

use crate::wire::open::open_number;

open_number! {
    /// The type of a sensor or axis (section 8.6): the numbers of DMTF's DSP0249.
    pub struct SensorType(u8) {
        /// None.
        NONE = 0x0,
        /// Unspecified.
        UNSPECIFIED = 0x1,
        /// Temperature in degrees Celsius.
        TEMPERATURE_C = 0x2,
        /// Temperature in degrees Fahrenheit.
        TEMPERATURE_F = 0x3,
        /// Temperature in kelvins.
        TEMPERATURE_K = 0x4,
        /// Voltage in volts.
        VOLTAGE = 0x5,
        /// Current in amperes.
        CURRENT = 0x6,
        /// Power in watts.
        POWER = 0x7,
        /// Energy in joules.
        ENERGY = 0x8,
        /// Charge in coulombs.
        CHARGE = 0x9,
        /// Apparent power in volt-amperes.
        APPARENT_POWER = 0xa,
        /// Luminance in nits.
        LUMINANCE = 0xb,
        /// Luminous flux in lumens.
        LUMINOUS_FLUX = 0xc,
        /// Illuminance in lux.
        ILLUMINANCE = 0xd,
        /// Luminous intensity in candelas.
        LUMINOUS_INTENSITY = 0xe,
        /// Pressure in kilopascals.
        PRESSURE_KPA = 0xf,
        /// Pressure in pounds per square inch.
        PRESSURE_PSI = 0x10,
        /// Force in newtons.
        FORCE = 0x11,
        /// Airflow in cubic feet per minute.
        AIRFLOW = 0x12,
        /// Rotational speed in revolutions per minute.
        ROTATIONAL_SPEED = 0x13,
        /// Frequency in hertz.
        FREQUENCY = 0x14,
        /// Time in seconds.
        SECONDS = 0x15,
        /// Time in minutes.
        MINUTES = 0x16,
        /// Time in hours.
        HOURS = 0x17,
        /// Time in days.
        DAYS = 0x18,
        /// Time in weeks.
        WEEKS = 0x19,
        /// Length in mils.
        MILS = 0x1a,
        /// Length in inches.
        INCHES = 0x1b,
        /// Length in feet.
        FEET = 0x1c,
        /// Volume in cubic inches.
        CUBIC_INCHES = 0x1d,
        /// Volume in cubic feet.
        CUBIC_FEET = 0x1e,
        /// Length in metres.
        LENGTH = 0x1f,
        /// Volume in cubic centimetres.
        CUBIC_CENTIMETRES = 0x20,
        /// Volume in cubic metres.
        VOLUME = 0x21,
        /// Volume in litres.
        LITRES = 0x22,
        /// Volume in fluid ounces.
        FLUID_OUNCES = 0x23,
        /// Angle in radians.
        ANGLE = 0x24,
        /// Solid angle in steradians.
        SOLID_ANGLE = 0x25,
        /// Revolutions.
        REVOLUTIONS = 0x26,
        /// Cycles.
        CYCLES = 0x27,
        /// Acceleration in multiples of gravity.
        GRAVITY = 0x28,
        /// Mass in ounces.
        OUNCES = 0x29,
        /// Mass in pounds.
        POUNDS = 0x2a,
        /// Torque in foot-pounds.
        FOOT_POUNDS = 0x2b,
        /// Torque in ounce-inches.
        OUNCE_INCHES = 0x2c,
        /// Magnetic flux density in gauss.
        GAUSS = 0x2d,
        /// Magnetomotive force in gilberts.
        GILBERTS = 0x2e,
        /// Inductance in henries.
        INDUCTANCE = 0x2f,
        /// Capacitance in farads.
        CAPACITANCE = 0x30,
        /// Resistance in ohms.
        RESISTANCE = 0x31,
        /// Conductance in siemens.
        CONDUCTANCE = 0x32,
        /// Amount of substance in moles.
        AMOUNT = 0x33,
        /// Radioactivity in becquerels.
        RADIOACTIVITY = 0x34,
        /// Parts per million.
        PPM = 0x35,
        /// Decibels.
        DECIBELS = 0x36,
        /// Decibels, A-weighted.
        DECIBELS_A = 0x37,
        /// Decibels, C-weighted.
        DECIBELS_C = 0x38,
        /// Absorbed dose in grays.
        ABSORBED_DOSE = 0x39,
        /// Dose equivalent in sieverts.
        DOSE_EQUIVALENT = 0x3a,
        /// Colour temperature in kelvins.
        COLOUR_TEMPERATURE = 0x3b,
        /// Bits.
        BITS = 0x3c,
        /// Bytes.
        BYTES = 0x3d,
        /// Words of data.
        WORDS = 0x3e,
        /// Double words of data.
        DWORDS = 0x3f,
        /// Quad words of data.
        QWORDS = 0x40,
        /// A percentage.
        PERCENTAGE = 0x41,
        /// Pressure in pascals.
        PRESSURE = 0x42,
        /// Counts.
        COUNTS = 0x43,
        /// Mass in grams.
        GRAMS = 0x44,
        /// Torque in newton-metres.
        TORQUE = 0x45,
        /// Hits.
        HITS = 0x46,
        /// Misses.
        MISSES = 0x47,
        /// Retries.
        RETRIES = 0x48,
        /// Overruns.
        OVERRUNS = 0x49,
        /// Underruns.
        UNDERRUNS = 0x4a,
        /// Collisions.
        COLLISIONS = 0x4b,
        /// Packets.
        PACKETS = 0x4c,
        /// Messages.
        MESSAGES = 0x4d,
        /// Characters.
        CHARACTERS = 0x4e,
        /// Errors.
        ERRORS = 0x4f,
        /// Corrected errors.
        CORRECTED_ERRORS = 0x50,
        /// Uncorrectable errors.
        UNCORRECTABLE_ERRORS = 0x51,
        /// Area in square mils.
        SQUARE_MILS = 0x52,
        /// Area in square inches.
        SQUARE_INCHES = 0x53,
        /// Area in square feet.
        SQUARE_FEET = 0x54,
        /// Area in square centimetres.
        SQUARE_CENTIMETRES = 0x55,
        /// Area in square metres.
        AREA = 0x56,
        /// Angular velocity in radians per second.
        ANGULAR_VELOCITY = 0x57,
        /// Beats per minute.
        BEATS_PER_MINUTE = 0x58,
        /// Acceleration in metres per second squared.
        ACCELERATION = 0x59,
        /// Speed in metres per second.
        SPEED = 0x5a,
        /// Flow in cubic metres per second.
        FLOW = 0x5b,
        /// Pressure in millimetres of mercury.
        PRESSURE_MMHG = 0x5c,
        /// Angular acceleration in radians per second squared.
        ANGULAR_ACCELERATION = 0x5d,
        /// A unit of the vendor's own.
        OEM = 0xff,
    }
}

impl SensorType {
    /// Every named type with the name that people write and its unit, in ascending order.
    pub const NAMED: &'static [(Self, &'static str, &'static str)] = &[
        (Self::NONE, "none", ""),
        (Self::UNSPECIFIED, "unspecified", ""),
        (Self::TEMPERATURE_C, "temperature", "°C"),
        (Self::TEMPERATURE_F, "temperature-f", "°F"),
        (Self::TEMPERATURE_K, "temperature-k", "K"),
        (Self::VOLTAGE, "voltage", "V"),
        (Self::CURRENT, "current", "A"),
        (Self::POWER, "power", "W"),
        (Self::ENERGY, "energy", "J"),
        (Self::CHARGE, "charge", "C"),
        (Self::APPARENT_POWER, "apparent-power", "VA"),
        (Self::LUMINANCE, "luminance", "nit"),
        (Self::LUMINOUS_FLUX, "luminous-flux", "lm"),
        (Self::ILLUMINANCE, "illuminance", "lx"),
        (Self::LUMINOUS_INTENSITY, "luminous-intensity", "cd"),
        (Self::PRESSURE_KPA, "pressure-kpa", "kPa"),
        (Self::PRESSURE_PSI, "pressure-psi", "psi"),
        (Self::FORCE, "force", "N"),
        (Self::AIRFLOW, "airflow", "cfm"),
        (Self::ROTATIONAL_SPEED, "rotational-speed", "rpm"),
        (Self::FREQUENCY, "frequency", "Hz"),
        (Self::SECONDS, "seconds", "s"),
        (Self::MINUTES, "minutes", "min"),
        (Self::HOURS, "hours", "h"),
        (Self::DAYS, "days", "d"),
        (Self::WEEKS, "weeks", "wk"),
        (Self::MILS, "mils", "mil"),
        (Self::INCHES, "inches", "in"),
        (Self::FEET, "feet", "ft"),
        (Self::CUBIC_INCHES, "cubic-inches", "in³"),
        (Self::CUBIC_FEET, "cubic-feet", "ft³"),
        (Self::LENGTH, "length", "m"),
        (Self::CUBIC_CENTIMETRES, "cubic-centimetres", "cm³"),
        (Self::VOLUME, "volume", "m³"),
        (Self::LITRES, "litres", "l"),
        (Self::FLUID_OUNCES, "fluid-ounces", "fl oz"),
        (Self::ANGLE, "angle", "rad"),
        (Self::SOLID_ANGLE, "solid-angle", "sr"),
        (Self::REVOLUTIONS, "revolutions", "rev"),
        (Self::CYCLES, "cycles", "cycles"),
        (Self::GRAVITY, "gravity", "g"),
        (Self::OUNCES, "ounces", "oz"),
        (Self::POUNDS, "pounds", "lb"),
        (Self::FOOT_POUNDS, "foot-pounds", "ft·lb"),
        (Self::OUNCE_INCHES, "ounce-inches", "oz·in"),
        (Self::GAUSS, "gauss", "G"),
        (Self::GILBERTS, "gilberts", "Gb"),
        (Self::INDUCTANCE, "inductance", "H"),
        (Self::CAPACITANCE, "capacitance", "F"),
        (Self::RESISTANCE, "resistance", "Ω"),
        (Self::CONDUCTANCE, "conductance", "S"),
        (Self::AMOUNT, "amount", "mol"),
        (Self::RADIOACTIVITY, "radioactivity", "Bq"),
        (Self::PPM, "ppm", "ppm"),
        (Self::DECIBELS, "decibels", "dB"),
        (Self::DECIBELS_A, "decibels-a", "dBA"),
        (Self::DECIBELS_C, "decibels-c", "dBC"),
        (Self::ABSORBED_DOSE, "absorbed-dose", "Gy"),
        (Self::DOSE_EQUIVALENT, "dose-equivalent", "Sv"),
        (Self::COLOUR_TEMPERATURE, "colour-temperature", "K"),
        (Self::BITS, "bits", "bit"),
        (Self::BYTES, "bytes", "B"),
        (Self::WORDS, "words", "words"),
        (Self::DWORDS, "dwords", "dwords"),
        (Self::QWORDS, "qwords", "qwords"),
        (Self::PERCENTAGE, "percentage", "%"),
        (Self::PRESSURE, "pressure", "Pa"),
        (Self::COUNTS, "counts", "counts"),
        (Self::GRAMS, "grams", "g"),
        (Self::TORQUE, "torque", "N·m"),
        (Self::HITS, "hits", "hits"),
        (Self::MISSES, "misses", "misses"),
        (Self::RETRIES, "retries", "retries"),
        (Self::OVERRUNS, "overruns", "overruns"),
        (Self::UNDERRUNS, "underruns", "underruns"),
        (Self::COLLISIONS, "collisions", "collisions"),
        (Self::PACKETS, "packets", "packets"),
        (Self::MESSAGES, "messages", "messages"),
        (Self::CHARACTERS, "characters", "chars"),
        (Self::ERRORS, "errors", "errors"),
        (Self::CORRECTED_ERRORS, "corrected-errors", "errors"),
        (Self::UNCORRECTABLE_ERRORS, "uncorrectable-errors", "errors"),
        (Self::SQUARE_MILS, "square-mils", "mil²"),
        (Self::SQUARE_INCHES, "square-inches", "in²"),
        (Self::SQUARE_FEET, "square-feet", "ft²"),
        (Self::SQUARE_CENTIMETRES, "square-centimetres", "cm²"),
        (Self::AREA, "area", "m²"),
        (Self::ANGULAR_VELOCITY, "angular-velocity", "rad/s"),
        (Self::BEATS_PER_MINUTE, "beats-per-minute", "bpm"),
        (Self::ACCELERATION, "acceleration", "m/s²"),
        (Self::SPEED, "speed", "m/s"),
        (Self::FLOW, "flow", "m³/s"),
        (Self::PRESSURE_MMHG, "pressure-mmhg", "mmHg"),
        (Self::ANGULAR_ACCELERATION, "angular-acceleration", "rad/s²"),
        (Self::OEM, "oem", ""),
    ];

    /// The name that people write, such as `temperature`; none for a number the standard does not name.
    pub fn word(self) -> Option<&'static str> {
        Self::NAMED.iter().find(|(kind, ..)| *kind == self).map(|(_, word, _)| *word)
    }

    /// The sign of its unit; empty where it has none or the number is not named.
    pub fn unit(self) -> &'static str {
        Self::NAMED.iter().find(|(kind, ..)| *kind == self).map_or("", |(.., unit)| unit)
    }

    /// The type that people write as `word`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, name, _)| *name == word).map(|(kind, ..)| *kind)
    }
}
