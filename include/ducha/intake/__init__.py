"""From a landed file to rows with a verdict each, and back to the unit what it must mend."""
