import { mailsInSpanish } from './es-mails.js';
import { partnersInSpanish } from './es-partners.js';

/** Spanish, by the English text; addressed as in schools of most countries: `tú`. */
export const es = {
  ...mailsInSpanish,
  ...partnersInSpanish,

  // Around every page
  'Skip to the content': 'Saltar al contenido',
  Terms: 'Condiciones',
  Privacy: 'Privacidad',
  Help: 'Ayuda',
  Back: 'Volver',
  Cancel: 'Cancelar',
  Save: 'Guardar',
  Continue: 'Continuar',
  'Begin again': 'Empezar de nuevo',
  '(optional)': '(opcional)',
  'Please check this': 'Revisa lo siguiente',
  'Prefer not to say': 'Prefiero no decirlo',
  Playground: 'Consola de consultas',
  'Go to your account': 'Ir a tu cuenta',
  'Back to your account': 'Volver a tu cuenta',
  'Go to the start page': 'Ir a la página de inicio',
  'the learning site': 'el sitio de aprendizaje',
  'the application': 'la aplicación',

  // The start page
  Welcome: 'Te damos la bienvenida',
  'Hello, {name}': 'Hola, {name}',
  'Welcome to {site}': 'Te damos la bienvenida a {site}',
  'One account for your courses and everything around them.':
    'Una sola cuenta para tus cursos y todo lo que los rodea.',
  'Your courses': 'Tus cursos',
  'Go to the learning site, signed in.': 'Ir al sitio de aprendizaje con la sesión iniciada.',
  'Profile, password, devices and connected sites.': 'Perfil, contraseña, dispositivos y sitios conectados.',
  'Query and change the graph, as far as your role goes.': 'Consulta y modifica el grafo, hasta donde permite tu rol.',

  // Signing in and out
  'Sign in': 'Iniciar sesión',
  'Sign out': 'Cerrar sesión',
  'to continue to {client}': 'para continuar en {client}',
  'to your {site} account': 'en tu cuenta de {site}',
  'E-mail address or username': 'Correo electrónico o nombre de usuario',
  Password: 'Contraseña',
  'Forgot password?': '¿Olvidaste la contraseña?',
  'Sign in with a passkey': 'Iniciar sesión con una llave de acceso',
  'Cancel and go back': 'Cancelar y volver',
  'New here?': '¿Es tu primera vez aquí?',
  'Create an account': 'Crear una cuenta',
  'Second step': 'Segundo paso',
  'Use a passkey': 'Usar una llave de acceso',
  'A passkey needs JavaScript, and a browser that knows passkeys.':
    'Una llave de acceso necesita JavaScript y un navegador que admita llaves de acceso.',
  'Use a passkey, or enter the code from your authenticator app.':
    'Usa una llave de acceso o escribe el código de tu aplicación de autenticación.',
  'Enter the code from your authenticator app.': 'Escribe el código de tu aplicación de autenticación.',
  'Use one of your passkeys.': 'Usa una de tus llaves de acceso.',
  'Code from the app': 'Código de la aplicación',
  'Recovery code': 'Código de recuperación',
  'Code from the app, or a recovery code': 'Código de la aplicación o un código de recuperación',
  'No phone at hand? One of your recovery codes does as well.':
    '¿No tienes el teléfono a mano? También sirve uno de tus códigos de recuperación.',
  'For the day when you have no passkey at hand.': 'Para el día en que no tengas a mano una llave de acceso.',
  'That did not work, or was stopped. Try again.': 'No funcionó o se detuvo. Inténtalo de nuevo.',
  'Your passkey is ready: go on below.': 'Tu llave de acceso está lista: continúa más abajo.',
  'E-mail address, username or password is not right. Check them and try again.':
    'El correo electrónico, el nombre de usuario o la contraseña no son correctos. Revísalos e inténtalo de nuevo.',
  'This passkey was not accepted: it is not known here, or it took too long. Try again, or use your password.':
    'No se aceptó esta llave de acceso: no se conoce aquí o tardó demasiado. Inténtalo de nuevo o usa tu contraseña.',
  'This passkey was stopped, since there may be a copy of it. Use your password and a recovery code.':
    'Esta llave de acceso se bloqueó, porque podría existir una copia. Usa tu contraseña y un código de recuperación.',
  'This account was deactivated. Ask for help to have it opened again.':
    'Esta cuenta se desactivó. Pide ayuda para que la abran de nuevo.',
  'This account was blocked. Ask for help if you think that this is a mistake.':
    'Esta cuenta se bloqueó. Pide ayuda si crees que es un error.',
  'This account was closed for good.': 'Esta cuenta se cerró definitivamente.',
  'The passkey was not accepted. Try again, or enter a code.':
    'No se aceptó la llave de acceso. Inténtalo de nuevo o escribe un código.',
  'This code is not right, or was used already. Try the next one.':
    'Este código no es correcto o ya se usó. Prueba con el siguiente.',
  'This sign-in has expired': 'Este inicio de sesión ha caducado',
  'It took too long, was finished already, or began in another browser. Start again where you came from.':
    'Tardó demasiado, ya había terminado o empezó en otro navegador. Vuelve a empezar desde donde venías.',
  'Sign in here': 'Iniciar sesión aquí',
  'You were signed out everywhere.': 'Se cerró tu sesión en todas partes.',
  'Your password was changed and you were signed out everywhere. Sign in with the new one.':
    'Tu contraseña se cambió y se cerró tu sesión en todas partes. Inicia sesión con la nueva.',
  'Sign out?': '¿Cerrar sesión?',
  '{client} asks to sign you out of {site} and of everything that you opened with it.':
    '{client} pide cerrar tu sesión en {site} y en todo lo que abriste con ella.',
  'This signs you out of {site} and of everything that you opened with it.':
    'Esto cierra tu sesión en {site} y en todo lo que abriste con ella.',
  'Stay signed in': 'Mantener la sesión',
  'Signed in': 'Sesión iniciada',
  'Too many sign-ins at once': 'Demasiados inicios de sesión a la vez',
  'Very many people begin to sign in from your network. Wait a minute and try again.':
    'Muchísimas personas están iniciando sesión desde tu red. Espera un minuto e inténtalo de nuevo.',
  'Signed out': 'Sesión cerrada',
  'You are still signed in': 'Tu sesión sigue abierta',
  'You are signed out': 'Has cerrado la sesión',
  'Only the application was signed out.': 'Solo se cerró la sesión en la aplicación.',
  'You can close this page.': 'Puedes cerrar esta página.',
  'Sign in again': 'Iniciar sesión de nuevo',

  // Consent
  'Allow access': 'Permitir el acceso',
  'Allow {client} to use your account?': '¿Permitir que {client} use tu cuenta?',
  'It would like to:': 'Quiere:',
  'It can only see that you signed in, and as whom. It is told:':
    'Solo puede ver que iniciaste sesión y quién eres. Se le dice:',
  'Your username, and an id that stands for you': 'Tu nombre de usuario y un identificador que te representa',
  'Your e-mail address': 'Tu correo electrónico',
  'Your full name, and whether you belong to the staff': 'Tu nombre completo y si formas parte del personal',
  'It can do nothing in your name.': 'No puede hacer nada en tu nombre.',
  'It can do nothing else in your name.': 'No puede hacer nada más en tu nombre.',
  'It is limited to courses of {organizations}.': 'Está limitado a los cursos de {organizations}.',
  'It is not limited to courses of certain organizations.':
    'No está limitado a los cursos de determinadas organizaciones.',
  'Of ways to sign in, it may deal with {providers} only.':
    'De las formas de iniciar sesión, solo puede tratar con {providers}.',
  Allow: 'Permitir',
  'Do not allow': 'No permitir',
  'You can take this back at any time on your account page.':
    'Puedes retirar este permiso cuando quieras en la página de tu cuenta.',
  'Know that it is you': 'Saber que eres tú',
  'See your name and username': 'Ver tu nombre y tu nombre de usuario',
  'See your e-mail address': 'Ver tu correo electrónico',
  'See your name, username and e-mail address': 'Ver tu nombre, tu nombre de usuario y tu correo electrónico',
  'See your numeric learner id': 'Ver tu identificador numérico de estudiante',
  'Stay connected while you are away': 'Seguir conectado mientras no estás',
  'See your enrollments, grades and certificates': 'Ver tus inscripciones, calificaciones y certificados',
  'Enroll you in courses and change your enrollments': 'Inscribirte en cursos y cambiar tus inscripciones',
  'See accounts': 'Ver cuentas',
  'Change accounts': 'Cambiar cuentas',
  'Manage OAuth clients and keys': 'Administrar clientes y claves de OAuth',
  'See programs and their learners': 'Ver programas y sus estudiantes',
  'Change program enrollments': 'Cambiar inscripciones en programas',
  'Read the mapping between accounts and LMS users':
    'Leer la correspondencia entre cuentas y usuarios del sitio de aprendizaje',
  'Run and watch operations': 'Ejecutar y vigilar operaciones',

  // Devices
  'Connect a device': 'Conectar un dispositivo',
  Code: 'Código',
  'Enter the code that the device shows.': 'Escribe el código que muestra el dispositivo.',
  'Eight letters; capitals and hyphens make no difference.': 'Ocho letras; no importan las mayúsculas ni los guiones.',
  'There is no such code. Compare it with the one on the device.':
    'Ese código no existe. Compáralo con el del dispositivo.',
  'This code has expired. Have the device show a new one.':
    'Este código ha caducado. Haz que el dispositivo muestre uno nuevo.',
  'This code was used already. Have the device show a new one.':
    'Este código ya se usó. Haz que el dispositivo muestre uno nuevo.',
  'This did not work. Start again on the device.': 'No funcionó. Vuelve a empezar en el dispositivo.',
  'Is this your device?': '¿Es este tu dispositivo?',
  '{client} on a device wants to use your account. The device must show this code:':
    '{client} quiere usar tu cuenta desde un dispositivo. El dispositivo debe mostrar este código:',
  'Continue only if the device is in front of you and you began this yourself. If somebody sent you the code, stop here.':
    'Continúa solo si tienes el dispositivo delante y empezaste tú. Si alguien te envió el código, detente aquí.',
  Stop: 'Detener',
  'The device is connected': 'El dispositivo está conectado',
  '{client} goes on there in a moment. You can close this page.':
    '{client} continúa allí en un momento. Puedes cerrar esta página.',
  'The device was not connected': 'El dispositivo no se conectó',
  'Nothing was allowed. You can close this page.': 'No se permitió nada. Puedes cerrar esta página.',
  'Enter another code': 'Escribir otro código',
  'Too many codes were tried that are not there. Wait a minute, then try again.':
    'Se probaron demasiados códigos que no existen. Espera un minuto e inténtalo de nuevo.',

  // Registration
  'Step {done} of {all}': 'Paso {done} de {all}',
  'We will send you a code to make sure that the address is yours.':
    'Te enviaremos un código para comprobar que la dirección es tuya.',
  'E-mail address': 'Correo electrónico',
  'Send the code': 'Enviar el código',
  'Already registered?': '¿Ya tienes una cuenta?',
  'Check your mail': 'Revisa tu correo',
  'We sent a mail to {address}. Enter the code from it, or open the link in it.':
    'Enviamos un mensaje a {address}. Escribe el código que contiene o abre su enlace.',
  'We sent another mail. Only the code in the newest one works.':
    'Enviamos otro mensaje. Solo funciona el código del más reciente.',
  'Six-digit code': 'Código de seis cifras',
  'No mail? Look in the spam folder, {again} or {other}.':
    '¿No llegó nada? Mira en la carpeta de correo no deseado, {again} o {other}.',
  'send it again': 'envíalo de nuevo',
  'use another address': 'usa otra dirección',
  'About you': 'Sobre ti',
  'Your account for {address}': 'Tu cuenta para {address}',
  'Full name': 'Nombre completo',
  'As it should appear on certificates.': 'Como debe aparecer en los certificados.',
  Username: 'Nombre de usuario',
  'What others see in courses. Leave it empty and we will make one from your name. It cannot be changed later.':
    'Lo que ven los demás en los cursos. Si lo dejas vacío, crearemos uno a partir de tu nombre. Después no se puede cambiar.',
  'At least {count} characters. A few words that do not belong together are best.':
    'Al menos {count} caracteres. Lo mejor son varias palabras sin relación entre sí.',
  Country: 'País',
  'I agree to the {terms}': 'Acepto las {terms}',
  'I agree to the {terms} and have read the {privacy}': 'Acepto las {terms} y he leído el {privacy}',
  terms: 'condiciones',
  'privacy notice': 'aviso de privacidad',
  'Create the account': 'Crear la cuenta',
  'This registration has expired': 'Este registro ha caducado',
  'Code and link work for half an hour, and once. Begin again: it takes a minute.':
    'El código y el enlace sirven durante media hora y una sola vez. Empieza de nuevo: lleva un minuto.',
  'You have an account already': 'Ya tienes una cuenta',
  'This e-mail address cannot be used': 'Este correo electrónico no se puede usar',
  'Welcome!': '¡Te damos la bienvenida!',
  'Your account is ready. Your username is {username}.': 'Tu cuenta está lista. Tu nombre de usuario es {username}.',
  'Your account at the learning site takes longer than usual. It follows by itself, and there is nothing left for you to do. Continue now, or sign in there a little later.':
    'Tu cuenta en el sitio de aprendizaje tarda más de lo habitual. Llegará por sí sola y no tienes que hacer nada más. Continúa ahora o inicia sesión allí un poco más tarde.',

  // Password reset
  'Forgot your password?': '¿Olvidaste tu contraseña?',
  'We will send you a link to choose a new one.': 'Te enviaremos un enlace para elegir una nueva.',
  'Send the link': 'Enviar el enlace',
  'Back to sign in': 'Volver a iniciar sesión',
  'If there is an account with this e-mail address, a mail with a link is on its way to it. The link works for half an hour.':
    'Si hay una cuenta con este correo electrónico, le hemos enviado un mensaje con un enlace. El enlace sirve durante media hora.',
  'No mail? Look in the spam folder, or {again}: it may be registered under another address.':
    '¿No llegó nada? Mira en la carpeta de correo no deseado o {again}: quizá te registraste con otra dirección.',
  'try again': 'inténtalo de nuevo',
  'Choose a new password': 'Elige una contraseña nueva',
  'This signs you out everywhere.': 'Esto cierra tu sesión en todas partes.',
  'New password': 'Contraseña nueva',
  'Save the password': 'Guardar la contraseña',
  'This link does not work any more': 'Este enlace ya no funciona',
  'It works for half an hour, and once. Ask for a new one.': 'Sirve durante media hora y una sola vez. Pide uno nuevo.',
  'Ask for a new link': 'Pedir un enlace nuevo',

  // The account
  'Your account': 'Tu cuenta',
  Profile: 'Perfil',
  'Edit profile': 'Editar el perfil',
  'Changes are passed on to the learning site.': 'Los cambios se envían al sitio de aprendizaje.',
  Name: 'Nombre',
  '{email} (not confirmed)': '{email} (sin confirmar)',
  'Learning site': 'Sitio de aprendizaje',
  'Username there': 'Nombre de usuario allí',
  'Go to your courses': 'Ir a tus cursos',
  'Sign-in': 'Inicio de sesión',
  'Change password': 'Cambiar la contraseña',
  'Change e-mail address': 'Cambiar el correo electrónico',
  'Where you are signed in': 'Dónde tienes la sesión iniciada',
  'This browser': 'Este navegador',
  'Last seen {when}': 'Visto por última vez: {when}',
  '{browser} on {system}': '{browser} en {system}',
  'Unknown device': 'Dispositivo desconocido',
  'Sign out everywhere': 'Cerrar sesión en todas partes',
  'Sites and apps with access': 'Sitios y aplicaciones con acceso',
  'None. When you let a site or an app use your account, it appears here.':
    'Ninguno. Cuando permitas que un sitio o una aplicación use tu cuenta, aparecerá aquí.',
  'Since {day}': 'Desde el {day}',
  'Remove access': 'Retirar el acceso',
  'from {client}': 'a {client}',
  'Current password': 'Contraseña actual',
  'This signs you out everywhere else.': 'Esto cierra tu sesión en todos los demás sitios.',
  'Your profile was saved.': 'Tu perfil se guardó.',
  'Your password was changed. You were signed out everywhere else.':
    'Tu contraseña se cambió. Se cerró tu sesión en todos los demás sitios.',
  'Your e-mail address was changed. The learning site follows in a moment.':
    'Tu correo electrónico se cambió. El sitio de aprendizaje se actualizará en un momento.',
  'Two-step sign-in is off.': 'El inicio de sesión en dos pasos está desactivado.',
  'The app was added. Its codes do beside your passkeys.':
    'La aplicación se añadió. Sus códigos sirven además de tus llaves de acceso.',
  'The app was removed. Your passkeys are asked for as before.':
    'La aplicación se quitó. Tus llaves de acceso se piden como antes.',
  'The device was signed out.': 'Se cerró la sesión del dispositivo.',
  'Access was removed.': 'Se retiró el acceso.',
  'Your account stays. It will not be deleted.': 'Tu cuenta se conserva. No se eliminará.',
  'Your account at the learning site will be ready in a moment.':
    'Tu cuenta en el sitio de aprendizaje estará lista en un momento.',
  Connected: 'Conectada',
  'This account signs you in there.': 'Con esta cuenta inicias sesión allí.',
  'This account signs you in there. What you changed here has not arrived there: {reason}':
    'Con esta cuenta inicias sesión allí. Lo que cambiaste aquí no ha llegado allí: {reason}',
  'On its way': 'En camino',
  'Your account there could not be created yet: {reason} We keep trying.':
    'Aún no se pudo crear tu cuenta allí: {reason} Seguimos intentándolo.',
  'Your account there is being created. This takes a moment.': 'Tu cuenta allí se está creando. Tardará un momento.',
  'Needs attention': 'Requiere atención',
  'Your account there could not be created. {reason}': 'No se pudo crear tu cuenta allí. {reason}',
  'Try again': 'Intentar de nuevo',
  'Missing there': 'No está allí',
  'Your account there was connected once and can no longer be found.':
    'Tu cuenta allí estuvo conectada y ya no se encuentra.',
  'Create it again': 'Crearla de nuevo',
  Closed: 'Cerrada',
  'Your account there was deactivated.': 'Tu cuenta allí se desactivó.',
  'Not yet': 'Todavía no',
  'You have no account there yet.': 'Todavía no tienes una cuenta allí.',
  'Create it now': 'Crearla ahora',

  // E-mail change
  'We send a code to the new address, and a note to the present one.':
    'Enviamos un código a la dirección nueva y un aviso a la actual.',
  'New e-mail address': 'Correo electrónico nuevo',
  'Change the address': 'Cambiar la dirección',
  'It works for half an hour, and once.': 'Sirve durante media hora y una sola vez.',
  'Confirm your new e-mail address': 'Confirma tu correo electrónico nuevo',
  '{email} becomes the e-mail address of your account.': '{email} pasará a ser el correo electrónico de tu cuenta.',
  'Confirm this address': 'Confirmar esta dirección',
  '{email} is the e-mail address of your account now.': '{email} es ahora el correo electrónico de tu cuenta.',
  'Your e-mail address was changed': 'Tu correo electrónico se cambió',
  'Stop the change of your e-mail address': 'Detener el cambio de tu correo electrónico',
  'Your account keeps its present e-mail address.': 'Tu cuenta conserva su correo electrónico actual.',
  'Stop the change': 'Detener el cambio',
  'Your e-mail address stays as it is. If somebody else knows your password, change it now.':
    'Tu correo electrónico sigue como está. Si otra persona conoce tu contraseña, cámbiala ahora.',
  'The change was stopped': 'El cambio se detuvo',

  // Passkeys and two-step sign-in
  Passkeys: 'Llaves de acceso',
  passkey: 'llave de acceso',
  Stopped: 'Bloqueada',
  Change: 'Cambiar',
  'Sign in with your fingerprint, your face, the lock of your device or a security key. Nothing has to be typed, and nothing can be given away by mistake.':
    'Inicia sesión con tu huella, tu rostro, el bloqueo de tu dispositivo o una llave de seguridad. No hay que escribir nada y nada se puede revelar por error.',
  'Add a passkey': 'Añadir una llave de acceso',
  'First show that it is you.': 'Primero demuestra que eres tú.',
  'Name the new passkey': 'Nombra la llave de acceso nueva',
  'Then your browser asks where to keep it: in this device, in a phone, or in a security key.':
    'Después tu navegador pregunta dónde guardarla: en este dispositivo, en un teléfono o en una llave de seguridad.',
  'A passkey is made by your browser. This needs JavaScript, and a browser that knows passkeys.':
    'La llave de acceso la crea tu navegador. Para ello hace falta JavaScript y un navegador que admita llaves de acceso.',
  'Create the passkey': 'Crear la llave de acceso',
  'Passkey {name}': 'Llave de acceso {name}',
  'Passkey “{name}”': 'Llave de acceso «{name}»',
  'It was used in a way that suggests a copy of it, so it opens nothing any more. Remove it, and add a new one.':
    'Se usó de una forma que hace pensar en una copia, así que ya no abre nada. Quítala y añade una nueva.',
  'Remove it': 'Quitarla',
  'It signs you in no longer. Delete it in your device as well.':
    'Dejará de servir para iniciar sesión. Bórrala también en tu dispositivo.',
  'Remove this passkey': 'Quitar esta llave de acceso',
  'For you, to tell your passkeys apart.': 'Para que distingas tus llaves de acceso.',
  'Added {added}, last used {used}': 'Añadida el {added}, usada por última vez el {used}',
  'Added {added}, not used yet': 'Añadida el {added}, sin usar todavía',
  'The passkey was added.': 'La llave de acceso se añadió.',
  'The passkey has a new name.': 'La llave de acceso tiene un nombre nuevo.',
  'The passkey was removed.': 'La llave de acceso se quitó.',
  'The passkey was removed. Two-step sign-in is off.':
    'La llave de acceso se quitó. El inicio de sesión en dos pasos está desactivado.',
  'Two-step sign-in': 'Inicio de sesión en dos pasos',
  'After your password, a code from an app on your phone: whoever learns your password still cannot sign in. A {passkey} does the same, and more easily.':
    'Después de tu contraseña, un código de una aplicación en tu teléfono: quien averigüe tu contraseña no podrá iniciar sesión. Una {passkey} hace lo mismo y es más fácil.',
  'Set up an app': 'Configurar una aplicación',
  'Set up an app as well': 'Configurar también una aplicación',
  'Set up an authenticator app': 'Configura una aplicación de autenticación',
  'Scan this with the app, then enter the code that it shows.':
    'Escanea esto con la aplicación y escribe el código que muestra.',
  'QR code for the app; the key below says the same': 'Código QR para la aplicación; la clave de abajo dice lo mismo',
  'Cannot scan it? Enter this key in the app: {key}':
    '¿No puedes escanearlo? Escribe esta clave en la aplicación: {key}',
  'Turn on': 'Activar',
  'Your recovery codes': 'Tus códigos de recuperación',
  'Two-step sign-in is on. Keep these codes where you find them without your phone: each signs you in once, after your password. They are not shown again.':
    'El inicio de sesión en dos pasos está activado. Guarda estos códigos donde los encuentres sin tu teléfono: cada uno sirve una vez, después de tu contraseña. No se volverán a mostrar.',
  'I have kept them': 'Ya los guardé',
  'your authenticator app': 'tu aplicación de autenticación',
  'your passkeys': 'tus llaves de acceso',
  'It is on, by {means}. {count} recovery codes are left.':
    'Está activado, mediante {means}. Códigos de recuperación que quedan: {count}.',
  'New recovery codes': 'Códigos de recuperación nuevos',
  'Remove the app': 'Quitar la aplicación',
  'Turn off two-step sign-in': 'Desactivar el inicio de sesión en dos pasos',

  // Leaving
  'Your data': 'Tus datos',
  'Get a copy of your data': 'Obtener una copia de tus datos',
  'A copy of everything that is stored about your account, as a JSON file: profile, addresses, enrollments with their history, sites with access, sign-ins and security events.':
    'Una copia de todo lo que se guarda sobre tu cuenta, como archivo JSON: perfil, direcciones, inscripciones con su historial, sitios con acceso, inicios de sesión y sucesos de seguridad.',
  'Your copy is being put together. We send you a mail when it is ready.':
    'Tu copia se está preparando. Te enviaremos un mensaje cuando esté lista.',
  'Look again': 'Mirar de nuevo',
  'Your copy of {readyAt} is ready ({size}). It is deleted on {expiresAt}.':
    'Tu copia del {readyAt} está lista ({size}). Se borrará el {expiresAt}.',
  'Download your data': 'Descargar tus datos',
  'It can be downloaded for {count} days, by you alone.': 'Se podrá descargar durante {count} días, y solo tú podrás.',
  'Ask for a copy': 'Pedir una copia',
  'Ask for a new copy': 'Pedir una copia nueva',
  'Delete account': 'Eliminar la cuenta',
  'Delete your account': 'Elimina tu cuenta',
  'Your account is closed at once.': 'Tu cuenta se cierra de inmediato.',
  'Your account is closed in {count} days. Until then everything works, and you can change your mind.':
    'Tu cuenta se cerrará en {count} días. Hasta entonces todo funciona y puedes cambiar de opinión.',
  'On that day:': 'Ese día:',
  'you are signed out everywhere, and nobody can sign in with this account any more;':
    'se cierra tu sesión en todas partes y nadie podrá volver a iniciar sesión con esta cuenta;',
  'your account at the learning site is closed too, with your courses there;':
    'también se cierra tu cuenta en el sitio de aprendizaje, con tus cursos;',
  'your name, e-mail address, profile and sign-in data are erased. This cannot be undone.':
    'se borran tu nombre, tu correo electrónico, tu perfil y tus datos de inicio de sesión. No se puede deshacer.',
  'Your username is not given to anybody else. If you want to keep something, {copy} first.':
    'Tu nombre de usuario no se dará a nadie más. Si quieres conservar algo, {copy} antes.',
  'get a copy of your data': 'obtén una copia de tus datos',
  'Delete my account': 'Eliminar mi cuenta',
  'Keep it': 'Conservarla',
  'This account will be deleted on {day}. Until then everything works.':
    'Esta cuenta se eliminará el {day}. Hasta entonces todo funciona.',
  'Keep my account': 'Conservar mi cuenta',
  'Keep your account': 'Conserva tu cuenta',
  'The request to delete your account is taken back, and everything stays as it is.':
    'La solicitud de eliminar tu cuenta se retira y todo sigue como está.',
  'Your account stays': 'Tu cuenta se conserva',
  'It will not be deleted. If it was not you who asked for that, change your password now.':
    'No se eliminará. Si no lo pediste tú, cambia tu contraseña ahora.',
  'There is no request for deletion that it could take back.':
    'No hay ninguna solicitud de eliminación que pueda retirar.',

  // What went wrong, on a page of its own
  'This did not work': 'No funcionó',
  'That did not work': 'No funcionó',
  'Something went wrong': 'Algo salió mal',
  'Please sign in': 'Inicia sesión',
  'Not allowed': 'No permitido',
  'Page not found': 'Página no encontrada',
  'Too large': 'Demasiado grande',
  'Wrong address': 'Dirección incorrecta',
  'Too many attempts': 'Demasiados intentos',
  'The learning site refused this': 'El sitio de aprendizaje lo rechazó',
  'Not available right now': 'No disponible en este momento',
  'If you ask for help, mention {id}.': 'Si pides ayuda, menciona {id}.',
  'Signing in was not possible.': 'No fue posible iniciar sesión.',
  'The application that sent you here is not known.': 'No se conoce la aplicación que te envió aquí.',
  'The application that sent you here gave an address to return to that it is not registered for.':
    'La aplicación que te envió aquí dio una dirección de regreso que no tiene registrada.',
  'The application that sent you here made a request that could not be understood, or that has expired.':
    'La aplicación que te envió aquí hizo una petición que no se entendió o que ha caducado.',
  'Something went wrong here. It was recorded; try again in a moment.':
    'Algo salió mal aquí. Quedó registrado; inténtalo de nuevo en un momento.',
  'Portico cannot reach its database at the moment. Try again in a few seconds.':
    'Portico no puede acceder a su base de datos en este momento. Inténtalo de nuevo en unos segundos.',
  'This form is too old, or was not sent from a page of this site. Go back, load the page again and repeat it. Cookies must be allowed.':
    'Este formulario es demasiado antiguo o no se envió desde una página de este sitio. Vuelve atrás, carga la página de nuevo y repítelo. Las cookies deben estar permitidas.',
  'You may not do this.': 'No puedes hacer esto.',
  'There is nothing at this address.': 'No hay nada en esta dirección.',
  'The request could not be understood.': 'No se entendió la petición.',
  'This address does not take that method.': 'Esta dirección no admite ese método.',
  'The request took too long to arrive.': 'La petición tardó demasiado en llegar.',
  'The request body is too large.': 'El contenido de la petición es demasiado grande.',
  'The address is too long.': 'La dirección es demasiado larga.',
  'This content type is not accepted here.': 'Este tipo de contenido no se acepta aquí.',
  'The request was refused.': 'La petición se rechazó.',
  'Portico is starting or stopping; try again in a moment.':
    'Portico está arrancando o parando; inténtalo de nuevo en un momento.',
  'Something went wrong here. It was recorded; the request id helps to find it.':
    'Algo salió mal aquí. Quedó registrado; el identificador de la petición ayuda a encontrarlo.',

  // What stands against a form
  'Enter an e-mail address like name@example.org.': 'Escribe un correo electrónico como nombre@example.org.',
  'Enter your full name.': 'Escribe tu nombre completo.',
  'A name has at most {count} characters.': 'Un nombre tiene como máximo {count} caracteres.',
  'A name cannot contain < or >.': 'Un nombre no puede contener < ni >.',
  'A name cannot contain a web address.': 'Un nombre no puede contener una dirección web.',
  'A name cannot contain control characters.': 'Un nombre no puede contener caracteres de control.',
  'Choose a country from the list (ISO 3166 alpha-2).': 'Elige un país de la lista.',
  'Choose a username: none can be made of this name and e-mail address.':
    'Elige un nombre de usuario: no se puede crear ninguno a partir de este nombre y este correo electrónico.',
  'This username is taken. Choose another one.': 'Este nombre de usuario ya está en uso. Elige otro.',
  'This e-mail address cannot be used here. Ask for help if you think that this is a mistake.':
    'Este correo electrónico no se puede usar aquí. Pide ayuda si crees que se trata de un error.',
  'There is already an account with this e-mail address. Sign in, or reset its password.':
    'Ya hay una cuenta con este correo electrónico. Inicia sesión o restablece su contraseña.',
  'Agree to the terms to create the account.': 'Acepta las condiciones para crear la cuenta.',
  'This registration has expired or is finished. Begin again.':
    'Este registro ha caducado o ya terminó. Empieza de nuevo.',
  'This link has expired or was used already. Ask for a new one.':
    'Este enlace ha caducado o ya se usó. Pide uno nuevo.',
  'This link has expired or was used already.': 'Este enlace ha caducado o ya se usó.',
  'This is not your current password.': 'Esta no es tu contraseña actual.',
  'This is your e-mail address already.': 'Este ya es tu correo electrónico.',
  'Use at least {count} characters for the password.': 'Usa al menos {count} caracteres para la contraseña.',
  'Use at most {count} characters for the password.': 'Usa como máximo {count} caracteres para la contraseña.',
  'This password is too easy to guess. {advice}': 'Esta contraseña es demasiado fácil de adivinar. {advice}',
  'Add a few words that are less common.': 'Añade algunas palabras menos comunes.',
  'Give it a name of up to {count} characters, e.g. “Phone”.':
    'Ponle un nombre de hasta {count} caracteres; por ejemplo, «Teléfono».',
  'The passkey could not be added. Try again, or use another device.':
    'No se pudo añadir la llave de acceso. Inténtalo de nuevo o usa otro dispositivo.',
  'That took too long, or was sent twice. Begin again.': 'Tardó demasiado o se envió dos veces. Empieza de nuevo.',
  'A username has {least} to {most} characters.': 'Un nombre de usuario tiene de {least} a {most} caracteres.',
  'A username holds only the letters A to Z, digits, underscores and hyphens.':
    'Un nombre de usuario contiene solo letras de la A a la Z, cifras, guiones bajos y guiones.',
  'This username is reserved.': 'Este nombre de usuario está reservado.',
  'This code is not valid any more. Ask for a new one.': 'Este código ya no es válido. Pide uno nuevo.',
  'This is not the code from the newest mail.': 'Este no es el código del mensaje más reciente.',
  'Begin again: there is nothing to confirm.': 'Empieza de nuevo: no hay nada que confirmar.',
  'It is too late: the account was deleted.': 'Es demasiado tarde: la cuenta se eliminó.',
  'The account is not active.': 'La cuenta no está activa.',
  'There is an authenticator app already. Remove it first.': 'Ya hay una aplicación de autenticación. Quítala primero.',
  'There is no copy of your data to download. Ask for a new one.':
    'No hay ninguna copia de tus datos que descargar. Pide una nueva.',
  'There is no such passkey.': 'Esa llave de acceso no existe.',
  'This link has nothing to take back any more.': 'Este enlace ya no tiene nada que retirar.',
  'This passkey is registered already.': 'Esta llave de acceso ya está registrada.',
  'You have very many passkeys already. Remove one that you no longer use.':
    'Ya tienes muchísimas llaves de acceso. Quita alguna que ya no uses.',
  'Too many sign-ins failed. Wait a while, or reset your password.':
    'Demasiados inicios de sesión fallidos. Espera un rato o restablece tu contraseña.',
  'Too many attempts. Wait a minute.': 'Demasiados intentos. Espera un minuto.',
  'Too many wrong codes. Wait a while.': 'Demasiados códigos incorrectos. Espera un rato.',
  'Too many attempts failed. Wait a while.': 'Demasiados intentos fallidos. Espera un rato.',
  'Too many sign-ins failed. Wait a while.': 'Demasiados inicios de sesión fallidos. Espera un rato.',
  'Many people are signing in right now. Try again in a moment.':
    'Muchas personas están iniciando sesión en este momento. Inténtalo de nuevo en un momento.',

  // How a password gets better
  'Straight rows of keys on your keyboard are easy to guess.': 'Las filas de teclas seguidas son fáciles de adivinar.',
  'Short keyboard patterns are easy to guess.': 'Los patrones cortos de teclado son fáciles de adivinar.',
  'Repeated characters like "aaa" are easy to guess.': 'Los caracteres repetidos como «aaa» son fáciles de adivinar.',
  'Repeated character patterns like "abcabcabc" are easy to guess.':
    'Los patrones repetidos como «abcabcabc» son fáciles de adivinar.',
  'Common character sequences like "abc" are easy to guess.':
    'Las secuencias comunes como «abc» son fáciles de adivinar.',
  'Recent years are easy to guess.': 'Los años recientes son fáciles de adivinar.',
  'Dates are easy to guess.': 'Las fechas son fáciles de adivinar.',
  'This is a heavily used password.': 'Es una contraseña muy usada.',
  'This is a frequently used password.': 'Es una contraseña usada con frecuencia.',
  'This is a commonly used password.': 'Es una contraseña de uso común.',
  'This is similar to a commonly used password.': 'Se parece a una contraseña de uso común.',
  'Single words are easy to guess.': 'Las palabras sueltas son fáciles de adivinar.',
  'Single names or surnames are easy to guess.': 'Los nombres o apellidos solos son fáciles de adivinar.',
  'Common names and surnames are easy to guess.': 'Los nombres y apellidos comunes son fáciles de adivinar.',
  'There should not be any personal or page related data.':
    'No debe contener datos personales ni relacionados con esta página.',
  'Your password was exposed by a data breach on the Internet.':
    'Tu contraseña quedó expuesta en una filtración de datos en internet.',
  "Avoid predictable letter substitutions like '@' for 'a'.": 'Evita sustituciones previsibles como «@» por «a».',
  'Avoid reversed spellings of common words.': 'Evita palabras comunes escritas al revés.',
  'Capitalize some, but not all letters.': 'Pon en mayúscula algunas letras, pero no todas.',
  'Capitalize more than the first letter.': 'Pon en mayúscula algo más que la primera letra.',
  'Avoid dates and years that are associated with you.': 'Evita fechas y años relacionados contigo.',
  'Avoid recent years.': 'Evita los años recientes.',
  'Avoid years that are associated with you.': 'Evita años relacionados contigo.',
  'Avoid common character sequences.': 'Evita secuencias de caracteres comunes.',
  'Avoid repeated words and characters.': 'Evita palabras y caracteres repetidos.',
  'Use longer keyboard patterns and change typing direction multiple times.':
    'Usa patrones de teclado más largos y cambia varias veces de dirección.',
  'Add more words that are less common.': 'Añade más palabras que sean menos comunes.',
  'Use multiple words, but avoid common phrases.': 'Usa varias palabras, pero evita frases comunes.',
  'You can create strong passwords without using symbols, numbers, or uppercase letters.':
    'Puedes crear contraseñas seguras sin usar símbolos, números ni mayúsculas.',
  'If you use this password elsewhere, you should change it.':
    'Si usas esta contraseña en otro sitio, deberías cambiarla.',

  // Sign-in at a school
  'Sign in with {provider}': 'Iniciar sesión con {provider}',
  'Sign-in at your school': 'Inicio de sesión en tu centro',
  'Connect {provider}': 'Conectar {provider}',
  'Remove {provider}': 'Quitar {provider}',
  Connect: 'Conectar',
  Remove: 'Quitar',
  'Not connected. When you connect it, you can sign in there, and your school’s courses find you here.':
    'Sin conectar. Si lo conectas, podrás iniciar sesión allí y los cursos de tu centro te encontrarán aquí.',
  'Your key there: {key}': 'Tu clave allí: {key}',
  'Last used {when}': 'Último uso: {when}',
  'Your sign-in at your school is connected.': 'Tu inicio de sesión en tu centro está conectado.',
  'Your sign-in at your school was removed.': 'Se quitó tu inicio de sesión en tu centro.',
  'Welcome from {provider}': 'Te damos la bienvenida desde {provider}',
  'You have not signed in here by it before.': 'Es la primera vez que entras aquí por ese camino.',
  'If you have an account here': 'Si ya tienes una cuenta aquí',
  'Sign in to it, and connect it. From then on you can sign in by your school.':
    'Inicia sesión en ella y conéctala. Desde entonces podrás entrar por tu centro.',
  'Sign in to my account': 'Iniciar sesión en mi cuenta',
  'If you have none': 'Si no tienes ninguna',
  'Create one with an e-mail address that you read, and connect it.':
    'Crea una con una dirección de correo que leas y conéctala.',
  'If you are new here': 'Si no tienes cuenta aquí',
  'You came from {provider} as {who}. Shall that sign you in to the account {username} from now on?':
    'Vienes de {provider} como {who}. ¿Quieres entrar así en la cuenta {username} de ahora en adelante?',
  'You cannot sign in by it any more. What your school enrolled you in stays. Without a password, have one made by “Forgot password?” first.':
    'Ya no podrás entrar por ahí. Lo que tu centro te asignó se conserva. Si no tienes contraseña, crea antes una con «¿Olvidaste la contraseña?».',
  'Your school did not sign you in': 'Tu centro no te dejó entrar',
  'The sign-in was cancelled, or your school does not let you in here.':
    'El inicio de sesión se canceló, o tu centro no te da acceso aquí.',
  'Your school cannot be reached': 'No se puede contactar con tu centro',
  'Its sign-in does not answer at the moment. Try again in a few minutes, or sign in with your password.':
    'Su inicio de sesión no responde en este momento. Inténtalo dentro de unos minutos o entra con tu contraseña.',
  'Your school’s answer could not be used': 'No se pudo usar la respuesta de tu centro',
  'Try again. If it happens once more, tell your school: its sign-in is not set up as agreed.':
    'Inténtalo de nuevo. Si vuelve a ocurrir, avisa a tu centro: su inicio de sesión no está configurado como se acordó.',
  'This account is closed': 'Esta cuenta está cerrada',
  'It was deactivated, blocked or deleted. Ask for help if you think that this is a mistake.':
    'Se desactivó, se bloqueó o se eliminó. Pide ayuda si crees que es un error.',
  'This sign-in belongs to another account': 'Este inicio de sesión es de otra cuenta',
  'You are signed in here as somebody else. Sign out first, or have the other account give it up.':
    'Has iniciado sesión aquí como otra persona. Cierra sesión primero, o quítalo desde la otra cuenta.',
  'Go to the sign-in page': 'Ir a la página de inicio de sesión',
  'Your school knows you by a key that is somebody else’s here':
    'Tu centro te conoce por una clave que aquí es de otra persona',
  'You are signed in. But the courses that your school enrolls you in cannot find you: ask your school, or support here, to put the key right.':
    'Has iniciado sesión, pero los cursos que te asigna tu centro no pueden encontrarte: pide a tu centro, o a la ayuda de este sitio, que corrija la clave.',
  'Go on': 'Continuar',
  'Nobody can sign in there.': 'Nadie puede iniciar sesión allí.',
  'There is no such sign-in.': 'No existe ese inicio de sesión.',
  'This sign-in has expired or is finished. Begin again.':
    'Este inicio de sesión caducó o ya terminó. Empieza de nuevo.',
  'No account can be made of this sign-in: use one that you have.':
    'No se puede crear una cuenta con este inicio de sesión: usa una que ya tengas.',
  'Your school’s key for you belongs to another account here. Ask your school for help.':
    'La clave que tu centro tiene para ti es de otra cuenta de aquí. Pide ayuda a tu centro.',
  'This account belongs to another learner of your school. Ask your school for help.':
    'Esta cuenta es de otra persona de tu centro. Pide ayuda a tu centro.',
  'This account has another sign-in there already. Remove that one first.':
    'Esta cuenta ya tiene otro inicio de sesión allí. Quita antes ese.',
  'This sign-in is tied to an account already.': 'Este inicio de sesión ya está unido a una cuenta.',
} as const satisfies Readonly<Record<string, string>>;
