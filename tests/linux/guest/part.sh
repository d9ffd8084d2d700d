#!/bin/sh
# What a guest of examples/three-guests.toml does until there is a file $OUT/stop: it uses something of every protocol that is
# its own, and looks whether it is as it was set. $OUT/rounds says how often it did, $OUT/wrong has a line for each thing that
# was not as it should be. three.rs says in the environment what is the guest's own:
#
#   NAME ID              its name, and its number among the agents
#   RATES                two rates of its clock, in hertz
#   POWER CORE           the ids of its power domain and its performance domain
#   LEVELS               two levels of the latter
#   RAIL VOLTS           its regulator, and two voltages, in microvolts
#   ZONE CAPS PACKAGE    its power cap, two values of it, and its own value of the package's cap, in microwatts
#   GROUP FUNCTIONS      the id of its pin group, and those of the two functions that the states "default" and "idle" give it
#   TEMP LOW HIGH        a sensor of its own, and what it can read, in thousandths of a degree

OUT=/tmp/part
RAW=/sys/kernel/debug/scmi/0/raw
PART=/sys/kernel/debug/scmi-consumer/part
mkdir -p $OUT
round=0

wrong() { echo "round $round: $*" >> $OUT/wrong; }

# put VALUE FILE: what the kernel refuses is wrong.
put() { { echo "$1" > "$2"; } 2>> $OUT/wrong || wrong "cannot write $1 to $2"; }

# holds FILE VALUE
holds() {
	read -r got < "$1" || wrong "cannot read $1"
	[ "$got" = "$2" ] || wrong "$1 has $got instead of $2"
}

# within FILE LOW HIGH
within() {
	read -r got < "$1" || wrong "cannot read $1"
	[ "$got" -ge "$2" ] && [ "$got" -le "$3" ] || wrong "$1 has $got, not $2 to $3"
}

# Words as bytes for printf, and as xxd shows them.
bytes() {
	for word; do
		printf '\\x%02x\\x%02x\\x%02x\\x%02x' $((word & 255)) $((word >> 8 & 255)) $((word >> 16 & 255)) $((word >> 24 & 255))
	done
}
hex() { bytes "$@" | sed 's/\\x//g'; }

# A header from protocol, message and token. Linux counts its tokens up, these are the highest.
header() { echo $(($2 | $1 << 10 | $3 << 18)); }

# ask WHAT COMMAND ANSWER, past Linux's drivers.
ask() {
	{ printf "$2" > $RAW/message; } 2>> $OUT/wrong || wrong "$1: cannot send"
	got=$(timeout 20 dd if=$RAW/message bs=4096 count=1 2> /dev/null | xxd -p -c 4096)
	[ "$got" = "$3" ] || wrong "$1: the answer is ${got:-nothing}, not $3"
}

# What each command is, and what it is answered.
head=$(header 0x10 7 1023)
who=$(bytes $head 0xffffffff)
# Sixteen bytes of a name, the unused ones 0.
name=$(printf %s "$NAME" | xxd -p)
is_me=$(hex $head 0 $ID)$(printf %-32s $name | tr ' ' 0)
head=$(header 0x12 4 1022)
system=$(bytes $head)
not_mine=$(hex $head 0xffffffff)
head=$(header 0x11 5 1021)
power=$(bytes $head $POWER)
is_on=$(hex $head 0 0)
is_off=$(hex $head 0 0x40000000)
head=$(header 0x13 8 1020)
level=$(bytes $head $CORE)
first_level=$(hex $head 0 ${LEVELS% *})
second_level=$(hex $head 0 ${LEVELS#* })
# Of a group, the function only.
head=$(header 0x19 5 1019)
function=$(bytes $head $GROUP 0x90000)
first_function=$(hex $head 0 ${FUNCTIONS% *} 0)
second_function=$(hex $head 0 ${FUNCTIONS#* } 0)

rail=$(dirname $(grep -lx $RAIL /sys/class/regulator/*/name))
zone=$(dirname $(grep -lx $ZONE /sys/class/powercap/arm-scmi:*/name))
package=$(dirname $(grep -lx package /sys/class/powercap/arm-scmi:*/name))
temperature=$(grep -lx $TEMP /sys/class/hwmon/*/temp*_label)
supply=$(grep -lx supply /sys/class/hwmon/*/in*_label)
user=/sys/devices/platform/user-of-$RAIL

# What it holds from then on: two of these are of all guests.
hold() {
	put 1 $PART/clocks/bus/enable
	put 1 $PART/domains/board/on
	put 1 $PART/clocks/own/enable
	put 1 $PART/domains/own/on
	put 1 $PART/domains/core/on
	put 1800000 /sys/devices/platform/user-of-vdd-io/max_microvolts
	put 1800000 /sys/devices/platform/user-of-vdd-io/min_microvolts
	# A zone without a cap cannot be enabled.
	put ${CAPS% *} $zone/constraint_0_power_limit_uw
	put $PACKAGE $package/constraint_0_power_limit_uw
	put 1 $zone/enabled
	put 1 $package/enabled
	for bound in max min; do put ${VOLTS#* } $user/${bound}_microvolts; done
}

# Everything that is its own, at the first of its values or the second.
use() {
	put $1 $PART/clocks/own/rate
	holds $PART/clocks/own/rate $1
	put $2 $PART/domains/core/performance
	ask level "$level" $3
	# Upwards the higher bound goes first, downwards the lower one.
	for bound in $5; do put $4 $user/${bound}_microvolts; done
	holds $rail/microvolts $4
	holds $rail/state enabled
	put $6 $zone/constraint_0_power_limit_uw
	holds $zone/constraint_0_power_limit_uw $6
	within $package/constraint_0_power_limit_uw 1000000 $PACKAGE
	put $7 $PART/pins
	ask function "$function" $8
}

once() {
	ask agent "$who" $is_me
	ask system "$system" $not_mine
	use ${RATES% *} ${LEVELS% *} $first_level ${VOLTS% *} "min max" ${CAPS% *} default $first_function
	use ${RATES#* } ${LEVELS#* } $second_level ${VOLTS#* } "max min" ${CAPS#* } idle $second_function
	put 0 $PART/domains/own/on
	ask "domain off" "$power" $is_off
	put 1 $PART/domains/own/on
	ask "domain on" "$power" $is_on
	put 1 $PART/resets/own/assert
	put 0 $PART/resets/own/assert
	put 1 $PART/resets/own/reset
	within ${temperature%_label}_input $LOW $HIGH
	holds ${supply%_label}_input 12000
}

: > $OUT/wrong
[ -e $OUT/holds ] || hold
touch $OUT/holds
while [ ! -e $OUT/stop ]; do
	round=$((round + 1))
	once
	echo $round > $OUT/rounds.new
	mv $OUT/rounds.new $OUT/rounds
done
