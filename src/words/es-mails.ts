/** The texts of mails in Spanish, by the English text. */
export const mailsInSpanish = {
  // Around every mail
  'Hello {name}!': '¡Hola, {name}!',
  'Hello!': '¡Hola!',
  'Questions? Write to {address}.': '¿Tienes preguntas? Escribe a {address}.',
  'If the button does not work, open this address:': 'Si el botón no funciona, abre esta dirección:',
  'If it was not you who asked for this, you can ignore this mail: nothing happens.':
    'Si no lo pediste tú, puedes ignorar este correo: no pasará nada.',
  'If it was not you who asked for this, you can ignore this mail.': 'Si no lo pediste tú, puedes ignorar este correo.',
  'If it was not you who asked for this, change your password.': 'Si no lo pediste tú, cambia tu contraseña.',

  // Registration
  'Confirm your e-mail address for {site}': 'Confirma tu correo electrónico para {site}',
  'You are about to create an account at {site}. Enter this code on the page that asks for it, or open the link.':
    'Estás a punto de crear una cuenta en {site}. Escribe este código en la página que lo pide o abre el enlace.',
  'Confirm and continue': 'Confirmar y continuar',
  'Code and link work for {count} minutes.': 'El código y el enlace sirven durante {count} minutos.',
  'You already have an account at {site}': 'Ya tienes una cuenta en {site}',
  'Somebody, probably you, wanted to create an account at {site} with this e-mail address. You have one already: sign in with it.':
    'Alguien, probablemente tú, quiso crear una cuenta en {site} con este correo electrónico. Ya tienes una: inicia sesión con ella.',
  'If you forgot the password, choose a new one at {address}':
    'Si olvidaste la contraseña, elige una nueva en {address}',

  // Partners
  'You are invited to {target} at {site}': 'Te invitan a {target} en {site}',
  'You may now work with {target} at {site}: sign in with your account.':
    'Ya puedes trabajar con {target} en {site}: inicia sesión con tu cuenta.',
  'You are invited to work with {target} at {site}. Create an account with this e-mail address; then it is open to you.':
    'Te invitan a trabajar con {target} en {site}. Crea una cuenta con este correo electrónico y tendrás acceso.',
  'If you did not expect this, you can ignore this mail.': 'Si no lo esperabas, puedes ignorar este correo.',

  // Password reset
  'Choose a new password for {site}': 'Elige una contraseña nueva para {site}',
  'Somebody, probably you, asked for a new password for your account at {site}.':
    'Alguien, probablemente tú, pidió una contraseña nueva para tu cuenta en {site}.',
  'The link works once, for {count} minutes. If it was not you who asked for it, you can ignore this mail: your password stays as it is.':
    'El enlace sirve una sola vez, durante {count} minutos. Si no lo pediste tú, puedes ignorar este correo: tu contraseña no cambia.',

  // E-mail change
  'Confirm your new e-mail address for {site}': 'Confirma tu correo electrónico nuevo para {site}',
  'This is to become the e-mail address of your account at {site}. Enter this code on the page that asks for it, or open the link.':
    'Este va a ser el correo electrónico de tu cuenta en {site}. Escribe este código en la página que lo pide o abre el enlace.',
  'Confirm this address': 'Confirmar este correo',
  'Code and link work once, for {count} minutes. If it was not you who asked for this, you can ignore this mail: nothing happens.':
    'El código y el enlace sirven una sola vez, durante {count} minutos. Si no lo pediste tú, puedes ignorar este correo: no pasará nada.',
  'This address cannot be used at {site}': 'Este correo no se puede usar en {site}',
  'Somebody, probably you, wanted to use this e-mail address for an account at {site}. It was blocked there, so nothing was done.':
    'Alguien, probablemente tú, quiso usar este correo electrónico para una cuenta en {site}. Allí está bloqueado, así que no se hizo nada.',
  'Ask for help if you think that this is a mistake.': 'Pide ayuda si crees que se trata de un error.',
  'This address already has an account at {site}': 'Este correo ya tiene una cuenta en {site}',
  'Somebody, probably you, wanted to use this e-mail address for another account at {site}. It belongs to an account already, so nothing was changed.':
    'Alguien, probablemente tú, quiso usar este correo electrónico para otra cuenta en {site}. Ya pertenece a una cuenta, así que no se cambió nada.',
  'Your e-mail address at {site} is about to change': 'Tu correo electrónico en {site} está a punto de cambiar',
  'Somebody who knows your password asked to change the e-mail address of your account at {site} to {email}.':
    'Alguien que conoce tu contraseña pidió cambiar el correo electrónico de tu cuenta en {site} a {email}.',
  'If it was you, there is nothing to do here.': 'Si fuiste tú, no tienes que hacer nada.',
  'This was not me: stop it': 'No fui yo: detener el cambio',
  'If it was not you, stop it and change your password.': 'Si no fuiste tú, detenlo y cambia tu contraseña.',
  'Your e-mail address at {site} was changed': 'Tu correo electrónico en {site} se cambió',
  'The e-mail address of your account at {site} is now {email}. Mail goes there from now on.':
    'El correo electrónico de tu cuenta en {site} ahora es {email}. Los mensajes llegarán allí a partir de ahora.',
  'If this was not your wish, ask for help at once.': 'Si no era tu deseo, pide ayuda de inmediato.',

  // Second factors
  'Look at your account': 'Ver tu cuenta',
  'If this was not your wish, change your password and ask for help at once.':
    'Si no era tu deseo, cambia tu contraseña y pide ayuda de inmediato.',
  'A passkey was added at {site}': 'Se añadió una llave de acceso en {site}',
  'The passkey “{name}” was added to your account at {site}, and can be used to sign in from now on.':
    'La llave de acceso «{name}» se añadió a tu cuenta en {site} y, a partir de ahora, sirve para iniciar sesión.',
  'An app was added at {site}': 'Se añadió una aplicación en {site}',
  'An authenticator app was added to your account at {site}, and can be used to sign in from now on.':
    'Se añadió una aplicación de autenticación a tu cuenta en {site} y, a partir de ahora, sirve para iniciar sesión.',
  'A passkey was removed at {site}': 'Se quitó una llave de acceso en {site}',
  'The passkey “{name}” was removed from your account at {site}, and opens it no longer.':
    'La llave de acceso «{name}» se quitó de tu cuenta en {site} y ya no la abre.',
  'An app was removed at {site}': 'Se quitó una aplicación en {site}',
  'An authenticator app was removed from your account at {site}, and opens it no longer.':
    'Se quitó una aplicación de autenticación de tu cuenta en {site} y ya no la abre.',
  'New recovery codes at {site}': 'Códigos de recuperación nuevos en {site}',
  'New recovery codes were made for your account at {site}. The former ones no longer work.':
    'Se crearon códigos de recuperación nuevos para tu cuenta en {site}. Los anteriores ya no sirven.',
  'A passkey was stopped at {site}': 'Se bloqueó una llave de acceso en {site}',
  'Your passkey “{name}” was used in a way that suggests a copy of it, so it no longer opens your account at {site}.':
    'Tu llave de acceso «{name}» se usó de un modo que hace pensar que existe una copia, así que ya no abre tu cuenta en {site}.',
  'Sign in another way, remove this passkey, and add a new one.':
    'Inicia sesión de otra manera, quita esta llave de acceso y añade una nueva.',
  'Two-step sign-in was turned off at {site}': 'Se desactivó el inicio de sesión en dos pasos en {site}',
  'An administrator removed the authenticator app, the passkeys and the recovery codes of your account at {site}. You were signed out everywhere.':
    'Un administrador quitó la aplicación de autenticación, las llaves de acceso y los códigos de recuperación de tu cuenta en {site}. Se cerró tu sesión en todas partes.',
  'Your password alone signs you in now. Sign in and set up a second step again.':
    'Ahora basta tu contraseña para iniciar sesión. Inicia sesión y vuelve a configurar un segundo paso.',

  // A copy of the data, and leaving
  'Your data at {site} is ready': 'Tus datos en {site} están listos',
  'The copy of your data at {site} that you asked for is ready. You can download it until {day}, signed in to your account.':
    'La copia de tus datos en {site} que pediste está lista. Puedes descargarla hasta el {day}, con la sesión iniciada en tu cuenta.',
  'Go to your data': 'Ir a tus datos',
  'Your account at {site} will be deleted on {day}': 'Tu cuenta en {site} se eliminará el {day}',
  'You asked to delete your account at {site}. It will be closed on {day} ({time}).':
    'Pediste eliminar tu cuenta en {site}. Se cerrará el {day} ({time}).',
  'Until then everything works as before, and you can change your mind: on your account page, or by this link.':
    'Hasta entonces todo funciona como antes y puedes cambiar de opinión: en la página de tu cuenta o con este enlace.',
  'On that day you are signed out everywhere, your account at the learning site is closed too, and your name, e-mail address, profile and sign-in data are erased. This cannot be undone. Your username is not given to anybody else.':
    'Ese día se cerrará tu sesión en todas partes, también se cerrará tu cuenta en el sitio de aprendizaje, y se borrarán tu nombre, tu correo electrónico, tu perfil y tus datos de inicio de sesión. Esto no se puede deshacer. Tu nombre de usuario no se dará a nadie más.',
  'If you want a copy of your data, ask for it on your account page before that day.':
    'Si quieres una copia de tus datos, pídela en la página de tu cuenta antes de ese día.',
  'If it was not you who asked for this, keep the account by the link and change your password at once.':
    'Si no lo pediste tú, conserva la cuenta con el enlace y cambia tu contraseña de inmediato.',
  'Your account at {site} stays': 'Tu cuenta en {site} se conserva',
  'Your account at {site} will not be deleted. Nothing was changed.':
    'Tu cuenta en {site} no se eliminará. No se cambió nada.',
  'If it was not you who decided this, change your password.': 'Si no lo decidiste tú, cambia tu contraseña.',
  'Your account at {site} was deleted': 'Tu cuenta en {site} se eliminó',
  'Your account at {site} was closed for good, and your personal data here was erased. Nobody can sign in with it any more.':
    'Tu cuenta en {site} se cerró definitivamente y tus datos personales se borraron aquí. Nadie puede iniciar sesión con ella.',
  'This is the last mail that you get from us.': 'Este es el último correo que recibes de nosotros.',
} as const;
