"""Flask extensions, each made once and bound to an application by the factory."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_security import FSQLALiteUserDatastore, Security
from flask_sqlalchemy_lite import SQLAlchemy
from flask_wtf import CSRFProtect

from assembly.database import ENGINE_OPTIONS
from assembly.mail_util import QueueingMailUtil
from assembly.models import LibraryRole, User
from assembly.visitors import address_key

db = SQLAlchemy(engine_options=ENGINE_OPTIONS)
csrf = CSRFProtect()
limiter = Limiter(address_key, strategy="moving-window")
user_datastore = FSQLALiteUserDatastore(db, User, LibraryRole)
security = Security(datastore=user_datastore, register_blueprint=True, mail_util_cls=QueueingMailUtil)
