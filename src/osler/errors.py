"""Faults a user can mend. They print as one or two lines and end the program with exit code 2."""


class UserError(Exception):
    """Something the user can put right: says where the fault is and what to write instead.

    The message must never carry example text: name the file, line, key or row id.
    """

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(f"{message}\n{cure}" if cure else message)
        self.message = message
        self.cure = cure


class RecipeError(UserError):
    """A recipe that cannot be read or makes no sense."""


class DataError(UserError):
    """A data file or row that cannot be used."""


class RunError(UserError):
    """A run directory in the wrong state."""


class TrainingFailed(RunError):
    """A training that ended badly, and would again: it takes another recipe, and so another run."""


class OutOfRoom(UserError):
    """No space left on the disk; the run resumes once there is room."""
